// Command schedule delivers the reports that are due, every minute. It may read both
// tables, write how far schedules are, and write and delete their objects.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/object/s3"
	"chatreports/shared/schedule/reports"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Schedule(d, reports.All(d.State, d.Journal))
	}, function.Journal, function.State, function.Objects(s3.Bucket))
}
