// Command report-bots serves ChatBot's reports. It may read the state's table and
// nothing else.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/function"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Report(d, chatbot.New(d.State))
	}, function.State)
}
