package function

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect"
	"chatreports/shared/rate"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// Extracting is an API that takes jobs by POST, and tells of one by GET.
type Extracting interface {
	Shape() dialect.Shape
	// Path is where jobs are asked for; /v2 may stand before it.
	Path() string
	// Limit is how many jobs a tenant may ask for.
	Limit() rate.Limit
	Ask(ctx context.Context, r *dialect.Request) (*dialect.Answer, error)
	// Look tells of the job of an id; base is what addresses here begin with.
	Look(ctx context.Context, r *dialect.Request, id, base string) (*dialect.Answer, error)
}

// extracts serves an Extracting.
type extracts struct {
	Deps
	api Extracting
}

// Extracts serves an API of jobs. The routes that lead to it take more paths than it has: nothing
// answers at those.
func Extracts(d Deps, api Extracting, nothing http.Handler) lambda.Handler {
	e := &extracts{d, api}
	shape := api.Shape()
	route := func(method string, h http.HandlerFunc) http.Handler {
		return web.Methods(shape, web.Require(tenant.ReportsRead, shape)(h), method)
	}
	ask, look := route(http.MethodPost, e.ask), route(http.MethodGet, e.look)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(r.URL.Path, "/v2"), api.Path())
		id := strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/")
		switch {
		case !ok || rest != "" && rest[0] != '/' || strings.Contains(id, "/"):
			nothing.ServeHTTP(w, r)
			return
		case !e.limit(w, r, id == "" && r.Method == http.MethodPost):
			return
		case id == "":
			ask.ServeHTTP(w, r)
			return
		}
		r.SetPathValue("id", id)
		look.ServeHTTP(w, r)
	})
	return web.Lambda(web.Guard(shape, d.Log, identified(d)(h)))
}

// limit says in headers how many jobs the tenant may still ask for, and counts one that is
// being asked for. ok is false if that is too many, and the answer was given.
func (e *extracts) limit(w http.ResponseWriter, r *http.Request, asks bool) (ok bool) {
	now, most := e.Clock(), e.api.Limit()
	allowed := rate.Allowance{OK: true, Left: most.Calls, Again: now} // of whom nobody knows
	id := web.Identify(r.Context())
	asks = asks && id.Has(tenant.ReportsRead)
	var err error
	switch {
	case asks:
		allowed, err = most.Take(r.Context(), e.State, id.Tenant.ID, now)
	case id.Outcome == web.OK:
		allowed, err = most.Look(r.Context(), e.State, id.Tenant.ID, now)
	}
	again := allowed.Again.Add(time.Second - 1).Unix() // the first whole second by then
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(most.Calls))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(allowed.Left))
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(again, 10))
	switch {
	case err != nil:
		web.Refuse(w, e.api.Shape(), unanswered(r.Context(), e.Deps, r.URL.Path, err))
	case asks && !allowed.OK:
		refused := dialect.Refuse(http.StatusTooManyRequests, "rate_limited", "More than %d reports asked for within a minute: wait as the header Retry-After says.", most.Calls)
		refused.RetryAfter = min(max(allowed.Again.Sub(now), time.Second), most.Per)
		web.Refuse(w, e.api.Shape(), refused)
	default:
		return true
	}
	return false
}

// request is a question without its body.
func (e *extracts) request(r *http.Request) (*dialect.Request, error) {
	id := web.Identify(r.Context())
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil && !isText(query) {
		err = errors.New("it is not UTF-8 once it is percent-decoded")
	}
	if err != nil {
		return nil, malformed(err)
	}
	return &dialect.Request{Tenant: &id.Tenant, Path: r.URL.Path, Query: query, Now: e.Now()}, nil
}

// mostWanted is how large the body of a POST may be.
const mostWanted = 64 << 10

func (e *extracts) ask(w http.ResponseWriter, r *http.Request) {
	question, err := e.request(r)
	var answer *dialect.Answer
	if err == nil {
		var refused *dialect.Refusal
		if question.Body, refused = web.Body(w, r, mostWanted); refused != nil {
			err = refused
		}
	}
	if err == nil {
		answer, err = e.api.Ask(r.Context(), question)
	}
	e.tell(w, r, http.StatusAccepted, answer, err)
}

func (e *extracts) look(w http.ResponseWriter, r *http.Request) {
	question, err := e.request(r)
	var answer *dialect.Answer
	if err == nil {
		answer, err = e.api.Look(r.Context(), question, r.PathValue("id"), base(r))
	}
	e.tell(w, r, http.StatusOK, answer, err)
}

func (e *extracts) tell(w http.ResponseWriter, r *http.Request, status int, a *dialect.Answer, err error) {
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		web.Refuse(w, e.api.Shape(), refused)
		return
	}
	if err != nil {
		web.Refuse(w, e.api.Shape(), unanswered(r.Context(), e.Deps, r.URL.Path, err))
		return
	}
	w.Header().Set("Content-Type", a.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	if !a.CountedUntil.IsZero() {
		w.Header().Set("Counted-Until", a.CountedUntil.UTC().Format(instant))
	}
	w.WriteHeader(status)
	if err := a.Write(w); err != nil {
		panic(unanswered(r.Context(), e.Deps, r.URL.Path, err))
	}
}
