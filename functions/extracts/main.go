// Command extracts takes jobs for Freshchat's raw reports and tells how far they are. It may
// read the state's table, and write jobs and how often a tenant has asked; tell the queue;
// and read the bucket, since whoever comes by a link reads with the rights of its maker.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/function"
	"chatreports/shared/job/sqs"
	"chatreports/shared/object/s3"
)

func main() {
	ctx := context.Background()
	deps, err := function.FromEnv(ctx, function.StateTable)
	if err == nil {
		deps.Objects, err = s3.Bucket(ctx, os.Getenv(function.ObjectBucket))
	}
	if err == nil {
		deps.Queue, err = sqs.Open(ctx, os.Getenv(function.JobQueue))
	}
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Extracts(deps, freshchat.New(deps.State, deps.Objects, deps.Queue, deps.Clock, deps.Untold)))
}
