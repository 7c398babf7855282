// Command schedule delivers the reports that are due, every minute. It may read both
// tables, write how far schedules are, and write and delete their objects.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
	"chatreports/shared/object/s3"
	"chatreports/shared/schedule/reports"
)

func main() {
	ctx := context.Background()
	deps, err := function.FromEnv(ctx, function.JournalTable, function.StateTable)
	if err == nil {
		deps.Objects, err = s3.Bucket(ctx, os.Getenv(function.ObjectBucket))
	}
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Schedule(deps, reports.All(deps.State, deps.Journal)))
}
