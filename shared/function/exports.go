package function

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect"
	"chatreports/shared/job"
	"chatreports/shared/link"
	"chatreports/shared/tenant"
	"chatreports/shared/tuple"
	"chatreports/shared/web"
)

// Linking is an API whose answers public links lead to. What it tells of links is written
// as JSON.
type Linking interface {
	dialect.API
	// Link makes a link to a report out of the body; base is what its address begins with.
	Link(ctx context.Context, r *dialect.Request, report, base, key string) (any, error)
	Links(ctx context.Context, r *dialect.Request) (any, error)
	// Revoke ends a link, named by its token or its id.
	Revoke(ctx context.Context, r *dialect.Request, name string) error
	// Job is the job that makes the file of a request.
	Job(r *dialect.Request) (job.Wanted, *dialect.Refusal)
	// Open is the question that a token asks; Note stores that it was asked.
	Open(ctx context.Context, token string, now time.Time) (*dialect.Request, link.Link, error)
	Note(ctx context.Context, l link.Link, now time.Time) error
}

// exports is what serves the routes of exports, of their links, and of whoever comes by one.
type exports struct {
	Deps
	api Linking
}

// Exports serves exports and public links.
func Exports(d Deps, api Linking) lambda.Handler {
	e := &exports{d, api}
	shape := api.Shape()
	known := identified(d)
	route := func(method, scope string, h http.Handler) http.Handler {
		return web.Methods(shape, known(web.Require(scope, shape)(h)), method)
	}
	export := route(http.MethodGet, tenant.ReportsRead, asked(d, shape, e.respond))
	list := route(http.MethodGet, tenant.ReportsRead, web.NoQuery(http.HandlerFunc(e.list)))
	make := route(http.MethodPost, tenant.ExportsWrite, web.NoQuery(http.HandlerFunc(e.make)))
	revoke := route(http.MethodDelete, tenant.ExportsWrite, web.NoQuery(http.HandlerFunc(e.revoke)))
	visit := http.HandlerFunc(e.public)
	plain := web.NoQuery(visit)
	public := web.Methods(shape, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if jobOf(r.URL.Query()) != "" {
			visit.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	}), http.MethodGet)
	nothing := web.NotFound(shape)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case len(p) == 2 && p[0] == "public":
			r.SetPathValue("token", p[1])
			public.ServeHTTP(w, r)
		case len(p) == 3 && p[2] == "links":
			list.ServeHTTP(w, r)
		case len(p) == 3:
			export.ServeHTTP(w, r)
		case len(p) == 4 && p[2] == "links":
			r.SetPathValue("link", p[3])
			revoke.ServeHTTP(w, r)
		case len(p) == 4 && p[3] == "links":
			r.SetPathValue("report", p[2])
			make.ServeHTTP(w, r)
		default:
			nothing.ServeHTTP(w, r)
		}
	})
	return web.Lambda(web.Guard(shape, d.Log, h))
}

// request is a question about links.
func (e *exports) request(r *http.Request) *dialect.Request {
	id := web.Identify(r.Context())
	return &dialect.Request{Tenant: &id.Tenant, Path: r.URL.Path, Now: e.Now()}
}

func (e *exports) list(w http.ResponseWriter, r *http.Request) {
	links, err := e.api.Links(r.Context(), e.request(r))
	e.tell(w, r, http.StatusOK, links, err)
}

// maxLinkBody is how large the body of a POST may be, in bytes.
const maxLinkBody = 16 << 10

func (e *exports) make(w http.ResponseWriter, r *http.Request) {
	question := e.request(r)
	var refused *dialect.Refusal
	if question.Body, refused = web.Body(w, r, maxLinkBody); refused != nil {
		web.Refuse(w, e.api.Shape(), refused)
		return
	}
	made, err := e.api.Link(r.Context(), question, r.PathValue("report"), base(r), web.Identify(r.Context()).KeyID)
	e.tell(w, r, http.StatusCreated, made, err)
}

// base is what addresses here begin with: as the caller wrote it, since API Gateway says
// so and its domain may not be the only one.
func base(r *http.Request) string {
	scheme := "https"
	if said := r.Header.Get("X-Forwarded-Proto"); said != "" {
		scheme = said
	}
	return fmt.Sprintf("%s://%s", scheme, r.Host)
}

func (e *exports) revoke(w http.ResponseWriter, r *http.Request) {
	err := e.api.Revoke(r.Context(), e.request(r), r.PathValue("link"))
	e.tell(w, r, http.StatusNoContent, nil, err)
}

// tell answers a question about links.
func (e *exports) tell(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	refused, ok := errors.AsType[*dialect.Refusal](err)
	switch {
	case ok:
		web.Refuse(w, e.api.Shape(), refused)
	case err != nil:
		web.Refuse(w, e.api.Shape(), unanswered(r.Context(), e.Deps, r.URL.Path, err))
	case v == nil:
		w.WriteHeader(status)
	default:
		web.WriteJSON(w, status, "application/json", v)
	}
}

// public answers whoever comes by a link, and waits for what was begun for one. The token is in
// no line of the log.
func (e *exports) public(w http.ResponseWriter, r *http.Request) {
	now := e.Now()
	question, l, err := e.api.Open(r.Context(), r.PathValue("token"), now)
	if err != nil {
		r.URL.Path = publicPath
		e.tell(w, r, 0, nil, err)
		return
	}
	web.Note(r.Context(), slog.String("tenant", l.Tenant), slog.String("link", l.ID))
	e.Log.InfoContext(r.Context(), "a public link is used", "tenant", l.Tenant, "link", l.ID, "report", l.Report)
	if err := e.api.Note(r.Context(), l, now); err != nil { // the caller has nothing to do with it
		e.Log.WarnContext(r.Context(), "noting the use of a public link", "link", l.ID, "error", err)
	}
	// Whoever has a link takes nothing from the share of the tenant's own reports.
	ctx, leave := e.Reports.Visit(r.Context(), tuple.Join(l.Tenant, "public"))
	defer leave()
	good := exportedGood
	if !l.Expires.IsZero() {
		good = min(good, l.Expires.Sub(now))
	}
	if id := jobOf(r.URL.Query()); id != "" {
		ofLink := func(j *job.Job) bool { return j.Query == question.Query.Encode() }
		e.wait(ctx, w, r, question, id, ofLink, good)
		return
	}
	e.send(ctx, w, r, question, good)
}

const publicPath = "/public/"

// respond answers whoever has a key.
func (e *exports) respond(ctx context.Context, w http.ResponseWriter, r *http.Request, question *dialect.Request) {
	e.send(ctx, w, r, question, exportedGood)
}

// send answers a question. If the answer is too long to be sent, it does so by a link to a file
// that is good for some time; if it takes too long, by a job, for which it has the caller wait.
func (e *exports) send(ctx context.Context, w http.ResponseWriter, r *http.Request, question *dialect.Request, good time.Duration) {
	if id := jobOf(question.Query); id != "" {
		e.wait(ctx, w, r, question, id, func(*job.Job) bool { return true }, good)
		return
	}
	patient, end := context.WithTimeout(ctx, e.patience())
	defer end()
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if refused := respond(patient, e.Deps, e.api, w, question); refused != nil {
			panic(refused)
		}
	})
	before := w.Header().Clone()
	defer func() {
		p := recover()
		if refused, ok := p.(*dialect.Refusal); ok && refused.Code == tooSlow && ctx.Err() == nil {
			clear(w.Header())
			maps.Copy(w.Header(), before)
			e.begin(ctx, w, r, question)
		} else if p != nil {
			panic(p)
		}
	}()
	web.Bounded(answer, func(header http.Header) web.Elsewhere {
		f := &exported{Deps: e.Deps, ctx: patient, path: question.Path, good: good, base: base(r)}
		f.begin(question.Tenant.ID, header)
		return f
	}).ServeHTTP(w, r)
}
