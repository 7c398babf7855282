package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/ingest"
	"chatreports/shared/journal"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// door is what every function behind API Gateway has in front of its handler.
func door(d Deps, shape web.Shape, scope string, h http.Handler, methods ...string) lambda.Handler {
	read := func(ctx context.Context, id string) (tenant.Tenant, bool, error) { return tenant.Get(ctx, d.State, id) }
	h = web.Settle(read, d.Log, web.Require(scope, shape)(h))
	return web.Lambda(web.Guard(shape, d.Log, web.Methods(shape, h, methods...)))
}

// Ingest serves POST /v1/events. It needs the journal only: the tenant's settings
// play no part.
func Ingest(d Deps) lambda.Handler {
	events := &ingest.Handler{Journal: journal.New(d.Journal), Now: d.Now, Stored: time.Now, Log: d.Log}
	h := web.Require(tenant.EventsWrite, web.Ours)(web.NoQuery(events))
	return web.Lambda(web.Guard(web.Ours, d.Log, web.Methods(web.Ours, h, http.MethodPost)))
}

// Answers is an API of reports that knows no HTTP: comm100.API is one. The error
// is of storage; what is wrong with the question is in status and body.
type Answers interface {
	Answer(ctx context.Context, t *tenant.Tenant, path string, query url.Values, now time.Time) (status int, body any, err error)
}

// Report serves Comm100's reports, whichever of them are routed to it. The API is
// handed in, so that functions without reports do not carry it.
func Report(d Deps, api Answers) lambda.Handler {
	return door(d, web.Comm100, tenant.ReportsRead, answer(d, api, web.Comm100, "application/json"), http.MethodGet)
}

// Explain serves what says how a figure came about: the measures, and the rows
// behind a report.
func Explain(d Deps, api Answers) lambda.Handler {
	return door(d, web.Ours, tenant.ReportsRead, answer(d, api, web.Ours, "application/problem+json"), http.MethodGet)
}

// answer turns an API that knows no HTTP into a handler; refusals is the content
// type of what it refuses.
func answer(d Deps, api Answers, shape web.Shape, refusals string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := web.Identify(r.Context())
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err == nil && !isText(query) {
			err = errors.New("it is not UTF-8 once it is percent-decoded")
		}
		if err != nil {
			shape.Write(w, web.Problem{
				Status: http.StatusBadRequest, Code: "malformed_query",
				Detail: fmt.Sprintf("The query string cannot be read: %s. Write %% as %%25 and ; as %%3B.", err),
			})
			return
		}
		status, body, err := api.Answer(r.Context(), &id.Tenant, r.URL.Path, query, d.Now())
		if err != nil {
			d.Log.ErrorContext(r.Context(), "answering a report", "path", r.URL.Path, "error", err)
			shape.Write(w, web.Problem{
				Status: http.StatusServiceUnavailable, Code: "unavailable",
				Detail: "The report could not be read; try again.", RetryAfter: 2 * time.Second,
			})
			return
		}
		contentType := "application/json"
		if status >= http.StatusBadRequest {
			contentType = refusals
		}
		web.WriteJSON(w, status, contentType, body)
	})
}

func isText(query url.Values) bool {
	for name, values := range query {
		if !utf8.ValidString(name) || !utf8.ValidString(strings.Join(values, "")) {
			return false
		}
	}
	return true
}

// Dashboard serves what needs no key: the health check, and 404 for whatever has no
// route of its own.
func Dashboard(d Deps) lambda.Handler {
	health := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		web.WriteJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
	})
	healthz, nothing := web.Methods(web.Ours, web.NoQuery(health), http.MethodGet), web.NotFound(web.Ours)
	// http.ServeMux would redirect paths such as //healthz, in HTML.
	return web.Lambda(web.Guard(web.Ours, d.Log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			healthz.ServeHTTP(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})))
}
