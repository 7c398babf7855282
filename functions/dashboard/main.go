// Command dashboard serves what needs no key: the health check, and 404 for whatever
// has no route of its own. It may touch no table.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background())
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Dashboard(deps))
}
