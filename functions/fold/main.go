// Command fold takes the journal's stream into facts and counters. It may read the
// journal's table and its stream, read and write the state's table, and write into the
// failure bucket what it cannot fold.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
	"chatreports/shared/object/s3"
)

func main() {
	ctx := context.Background()
	deps, err := function.FromEnv(ctx, function.JournalTable, function.StateTable)
	if err == nil {
		deps.Failures, err = s3.Bucket(ctx, os.Getenv(function.FailureBucket))
	}
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Fold(deps))
}
