// Command ingest takes events at POST /v1/events and answers once they are in the
// journal. It may put records into the journal's table and do nothing else: it
// cannot read what it stored, and it does not know the state's table.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Ingest(deps))
}
