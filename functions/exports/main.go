// Command exports serves Conversation24's exports and public links to them. It may read
// both tables, and write links.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable, function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Exports(deps, conversation24.New(deps.Journal, deps.State)))
}
