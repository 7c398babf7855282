// Command lookup says which entities there are, and everything of one chat. It may read
// both tables and nothing else.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/lookup"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable, function.StateTable)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, lookup.New(deps.Journal, deps.State)))
}
