// Command explain says how a figure came about: what is counted, and the rows behind
// a report. It may read both tables, the journal for names alone.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/explain"
	"chatreports/shared/function"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Report(d, explain.New(d.Journal, d.State, explain.Tables{comm100.Explained, chatbot.Explained, drift.Explained}))
	}, function.Journal, function.State)
}
