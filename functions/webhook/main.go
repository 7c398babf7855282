// Command webhook takes in what vendors post. It reads from the state's table whose a
// webhook is, keeps deliveries in the bucket, and writes events into the journal.
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
		deps.Objects, err = s3.Bucket(ctx, os.Getenv(function.ObjectBucket))
	}
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Webhooks(deps))
}
