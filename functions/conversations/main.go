// Command conversations answers Drift's open queries of conversations. It reads the
// state's table, and writes to it only how often a tenant has asked.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/drift"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Queries(deps, drift.New(deps.State, time.Now)))
}
