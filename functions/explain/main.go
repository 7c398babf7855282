// Command explain says how a figure came about: what is counted, and the rows behind
// a report. It may read the state's table and nothing else.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/explain"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, explain.New(deps.State, explain.Tables{comm100.Explained, chatbot.Explained})))
}
