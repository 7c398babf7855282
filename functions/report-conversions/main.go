// Command report-conversions serves Comm100's reports of conversions, invitations and messages. It may
// read the state's table and nothing else. Its routes are in template.yaml; what it
// answers is in shared/dialect/comm100.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, comm100.New(deps.State)))
}
