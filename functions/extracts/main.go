// Command extracts takes jobs for Freshchat's raw reports and tells how far they are. It may
// read the state's table, and write jobs and how often a tenant has asked; tell the queue;
// and read the bucket, since whoever comes by a link reads with the rights of its maker.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/function"
	"chatreports/shared/job/sqs"
	"chatreports/shared/nowhere"
	"chatreports/shared/object/s3"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		return function.Extracts(d, freshchat.New(d.State, d.Objects, d.Queue, d.Clock, d.Untold), nowhere.Handler(nil))
	}, function.State, function.Objects(s3.Bucket), function.Jobs(sqs.Open))
}
