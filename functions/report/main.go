// Command report serves Comm100's reports. It may read the state's table and nothing
// else. Several functions in template.yaml run it, one for each family of reports, so
// that one family's load is not another's; the routes there say which serves what.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Report(deps, comm100.New(deps.State)))
}
