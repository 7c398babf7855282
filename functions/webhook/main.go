// Command webhook takes in what vendors post. It reads from the state's table whose a
// webhook is, keeps deliveries in the bucket, and writes events into the journal.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/function"
	"chatreports/shared/object/s3"
	"chatreports/shared/webhook/vendors"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Webhooks(d, vendors.All())
	}, function.Journal, function.State, function.Objects(s3.Bucket))
}
