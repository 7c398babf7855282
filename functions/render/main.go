// Command render makes jobs: it tells the rows of a report and writes them into the bucket.
// The queue calls it for each job, and a schedule for those that were lost. It may read both
// tables, write how far jobs are, and write and delete their objects.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
	"chatreports/shared/function"
	"chatreports/shared/object/s3"
	"chatreports/shared/render"
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
	reports := map[string][]extract.Report{freshchat.Kind: freshchat.Reports()}
	lambda.Start(function.Render(deps, render.New(deps.Journal, deps.State, reports, deps.Now).Make))
}
