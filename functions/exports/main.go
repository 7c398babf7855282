// Command exports serves Conversation24's exports and public links to them. It may read
// both tables, and write links; and write exports that are too long to be sent into the
// bucket, and read them there, since whoever comes by a link reads with the rights of its
// maker.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/conversation24"
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
	lambda.Start(function.Exports(deps, conversation24.New(deps.Journal, deps.State)))
}
