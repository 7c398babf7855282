// Command lookup says which entities there are, and everything of one chat. It may read
// both tables and nothing else.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
	"chatreports/shared/lookup"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable, function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, lookup.New(deps.Journal, deps.State)))
}
