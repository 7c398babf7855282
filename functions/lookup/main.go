// Command lookup says which entities there are, and everything of one chat. It may read
// both tables and nothing else.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/lookup"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Report(d, lookup.New(d.Journal, d.State))
	}, function.Journal, function.State)
}
