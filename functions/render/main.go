// Command render makes jobs: it tells the rows of a report and writes them into the bucket.
// The queue calls it for each job, and a schedule for those that were lost. It may read both
// tables, write how far jobs are, and write and delete their objects.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/function"
	"chatreports/shared/object/s3"
	"chatreports/shared/render"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		kinds := map[string]render.Kind{
			freshchat.Kind:      render.Extracts(d.Journal, d.State, freshchat.Reports()),
			conversation24.Kind: render.Exports(conversation24.New(d.Journal, d.State), conversation24.Path),
		}
		return function.Render(d, render.New(d.State, kinds, d.Now).Make)
	}, function.Journal, function.State, function.Objects(s3.Bucket))
}
