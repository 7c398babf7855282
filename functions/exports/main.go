// Command exports serves Conversation24's exports and public links to them. It may read
// both tables, and write links; and write exports that are too long to be sent into the
// bucket, and read them there, since whoever comes by a link reads with the rights of its
// maker. What takes too long to be waited for it has made as a job, and tells the queue.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/function"
	"chatreports/shared/job/sqs"
	"chatreports/shared/object/s3"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Exports(d, conversation24.New(d.Journal, d.State))
	}, function.Journal, function.State, function.Objects(s3.Bucket), function.Jobs(sqs.Open))
}
