// Command dashboard serves what needs no key in a header: pages for people, who sign in
// with one, the health check, and 404 for whatever has no route of its own. It may read
// both tables.
package main

import (
	"io/fs"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra"
	"chatreports/shared"
	"chatreports/shared/dashboard"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/docs"
	"chatreports/shared/explain"
	"chatreports/shared/function"
	"chatreports/shared/lookup"
	"chatreports/shared/nowhere"
	"chatreports/shared/schedule"
	"chatreports/shared/tenant"
)

func main() {
	function.Main(func(d function.Deps) lambda.Handler {
		pages := &dashboard.Handler{
			Key: tenant.NewKeys(d.State, d.Clock).Lookup,
			APIs: dashboard.APIs{
				Reports: comm100.New(d.Journal, d.State), Bots: chatbot.New(d.State), Lookup: lookup.New(d.Journal, d.State), Schedules: schedule.NewAPI(d.State),
				Explain: explain.New(d.Journal, d.State, explain.Tables{comm100.Explained, chatbot.Explained}),
			},
			Docs:  docs.New(map[string]fs.FS{"shared": shared.Documents, "infra": infra.Documents}),
			State: d.State, Journal: d.Journal, Visit: d.Reports.Visit, Unanswered: d.Unanswered, Now: d.Now, Clock: d.Clock, Log: d.Log,
		}
		return function.Dashboard(d, pages, nowhere.Handler(pages.OpenAPI()))
	}, function.Journal, function.State)
}
