// Command ingest takes events at POST /v1/events and answers once they are in the
// journal. It may read and write events in the journal's table, and read from the state's
// table who calls: no fact, and nothing that is counted.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/function"
)

func main() {
	deps, err := function.FromEnv(context.Background(), function.JournalTable, function.StateTable)
	if err != nil {
		lambdacontext.NewLogger().Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(function.Ingest(deps))
}
