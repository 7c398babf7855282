// Command authorize is the API's authorizer: it finds out who calls and lets the
// function behind it decide. It may read single records of the state's table and
// nothing else.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Authorize(deps))
}
