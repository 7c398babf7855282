// Command conversations answers Drift's open queries of conversations. It reads the
// tables, and writes to the state's only how often a tenant has asked.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/drift"
	"chatreports/shared/function"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Queries(d, drift.New(d.Journal, d.State, time.Now))
	}, function.Journal, function.State)
}
