// Command schedules lists a tenant's schedules. It may read the state's table and
// nothing else.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/schedule"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Report(d, schedule.NewAPI(d.State))
	}, function.State)
}
