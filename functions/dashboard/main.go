// Command dashboard serves what needs no key in a header: pages for people, who sign in
// with one, the health check, and 404 for whatever has no route of its own. It may read
// both tables.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/explain"
	"chatreports/shared/function"
	"chatreports/shared/lookup"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable, function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Dashboard(deps, comm100.New(deps.State),
		explain.New(deps.State, explain.Tables{comm100.Explained, chatbot.Explained}), lookup.New(deps.Journal, deps.State)))
}
