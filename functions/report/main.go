// Command report serves Comm100's reports. It may read both tables, the
// journal for names alone. Several functions in template.yaml run it, one for each family of reports, so
// that one family's load is not another's; the routes there say which serves what.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/function"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Report(d, comm100.New(d.Journal, d.State))
	}, function.Journal, function.State)
}
