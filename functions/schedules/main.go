// Command schedules lists a tenant's schedules. It may read the state's table and
// nothing else.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/schedule"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, schedule.NewAPI(deps.State)))
}
