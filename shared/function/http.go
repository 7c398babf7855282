package function

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect"
	"chatreports/shared/ingest"
	"chatreports/shared/intake"
	"chatreports/shared/journal"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// door is what every function behind API Gateway has in front of its handler, which answers
// one method. elsewhere are those that other functions answer at the same paths.
func door(d Deps, shape dialect.Shape, scope string, h http.Handler, method string, elsewhere ...string) lambda.Handler {
	h = identified(d)(web.Require(scope, shape)(h))
	return web.Lambda(web.Guard(shape, d.Log, web.MethodsBeside(elsewhere, shape, h, method)))
}

// Ingest serves POST /v1/events.
func Ingest(d Deps) lambda.Handler {
	counter := intake.New(d.State)
	events := &ingest.Handler{
		Journal: journal.New(d.Journal), Now: d.Now, Stored: time.Now, Log: d.Log,
		Note: func(ctx context.Context, tenant string, t intake.Tally) {
			if err := counter.Count(ctx, tenant, d.Clock(), t); err != nil { // the events are stored, and the next tally brings this one
				d.Log.WarnContext(ctx, "counting what was wrong with events", "error", err)
			}
		},
	}
	return door(d, dialect.Ours, tenant.EventsWrite, web.NoQuery(events), http.MethodPost)
}

// Report serves the reports of a dialect, whichever of them are routed to it. The API
// is handed in, so that functions without reports do not carry it.
func Report(d Deps, api dialect.API) lambda.Handler { return reports(d, api, http.MethodGet) }

// Queries serves an API that is asked by POST, at a path where another answers GET.
func Queries(d Deps, api dialect.API) lambda.Handler {
	return reports(d, api, http.MethodPost, http.MethodGet)
}

// reports answers what a tenant's keys may read, unless it is longer than can be sent.
func reports(d Deps, api dialect.API, method string, elsewhere ...string) lambda.Handler {
	return door(d, api.Shape(), tenant.ReportsRead, web.Bounded(answer(d, api), nil), method, elsewhere...)
}

// mostBody is the largest body of a query.
const mostBody = 1 << 20

// answer turns an API into a handler.
func answer(d Deps, api dialect.API) http.Handler {
	return asked(d, api.Shape(), func(ctx context.Context, w http.ResponseWriter, _ *http.Request, question *dialect.Request) {
		if refused := respond(ctx, d, api, w, question); refused != nil {
			panic(refused) // as Guard has it: so that no half of an answer is taken for a whole one
		}
	})
}

// asked reads a question, which is then answered within the tenant's share of reports.
func asked(d Deps, shape dialect.Shape, then func(ctx context.Context, w http.ResponseWriter, r *http.Request, question *dialect.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := web.Identify(r.Context())
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err == nil && !isText(query) {
			err = errors.New("it is not UTF-8 once it is percent-decoded")
		}
		if err != nil {
			web.Refuse(w, shape, malformed(err))
			return
		}
		body, refused := web.Body(w, r, mostBody)
		if refused != nil {
			web.Refuse(w, shape, refused)
			return
		}
		ctx, leave := d.Reports.Visit(r.Context(), id.Tenant.ID)
		defer leave()
		then(ctx, w, r, &dialect.Request{Tenant: &id.Tenant, Path: r.URL.Path, Query: query, Accept: r.Header.Get("Accept"), Body: body, Now: d.Now()})
	})
}

// malformed refuses a query string.
func malformed(err error) *dialect.Refusal {
	return dialect.Refuse(http.StatusBadRequest, "malformed_query", "The query string cannot be read: %s. Write %% as %%25 and ; as %%3B.", err)
}

// respond answers one question, or says why not: some of the answer may be written then.
func respond(ctx context.Context, d Deps, api dialect.API, w http.ResponseWriter, question *dialect.Request) *dialect.Refusal {
	a, err := api.Answer(ctx, question)
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		return refused
	}
	if err != nil {
		return unanswered(ctx, d, question.Path, err)
	}
	w.Header().Set("Content-Type", a.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	if a.FileName != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.FileName}))
	}
	if !a.CountedUntil.IsZero() {
		w.Header().Set("Counted-Until", a.CountedUntil.UTC().Format(instant))
	}
	if a.Next != "" {
		w.Header().Set("Link", "<"+a.Next+`>; rel="next"`)
	}
	if a.Note != "" {
		w.Header().Set("Note", a.Note)
	}
	for _, warning := range a.Warnings {
		w.Header().Add("Warning", `299 - "`+warning+`"`)
	}
	err = a.Write(&untilDone{ctx, w})
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		return refused
	}
	if err != nil {
		return unanswered(ctx, d, question.Path, err)
	}
	return nil
}

// instant is RFC 3339 to the millisecond.
const instant = "2006-01-02T15:04:05.000Z07:00"

func isText(query url.Values) bool {
	for name, values := range query {
		if !utf8.ValidString(name) || !utf8.ValidString(strings.Join(values, "")) {
			return false
		}
	}
	return true
}

// Pages are for people.
type Pages interface {
	http.Handler
	// Serves says whether a path is theirs.
	Serves(path string) bool
	// OpenAPI is the document of everything that can be asked.
	OpenAPI() []byte
}

// Dashboard serves what needs no key in a header: the pages for people and the documentation, the OpenAPI
// document, and the health check; nothing answers whatever has no route of its own.
func Dashboard(d Deps, pages Pages, nothing http.Handler) lambda.Handler {
	health := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		web.WriteJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
	})
	document := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", dialect.TypeJSON)
		_, _ = w.Write(pages.OpenAPI())
	})
	get := func(h http.Handler) http.Handler { return web.Methods(dialect.Ours, web.NoQuery(h), http.MethodGet) }
	healthz, openapi := get(health), get(document)
	// http.ServeMux would redirect paths such as //healthz, in HTML.
	return web.Lambda(web.Guard(dialect.Ours, d.Log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/healthz":
			healthz.ServeHTTP(w, r)
		case r.URL.Path == "/openapi.json":
			openapi.ServeHTTP(w, r)
		case pages.Serves(r.URL.Path):
			pages.ServeHTTP(w, r)
		default:
			nothing.ServeHTTP(w, r)
		}
	})))
}
