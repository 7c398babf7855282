// Command explain says how a figure came about: what is counted, and the rows behind
// a report. It may read the state's table and nothing else.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/explain"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, explain.New(deps.State, explain.Tables{comm100.Explained, chatbot.Explained, drift.Explained})))
}
