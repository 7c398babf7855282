// Package dashboard is the face: pages in which people look at the figures of Comm100's
// reports, follow each to the rows it is made of and each row to its chat. In: a request
// of a browser. Out: HTML that needs no script; a little script draws charts and keeps
// the present fresh. It computes no figure: all of them are what the reports answer,
// and the page says with which question.
package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"chatreports/shared/backlog"
	"chatreports/shared/dialect"
	"chatreports/shared/docs"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// APIs are what pages ask: Reports are Comm100's, Bots ChatBot's; Explain has the rows
// behind a figure, Lookup the directory and single chats, Schedules what is delivered.
type APIs struct{ Reports, Bots, Explain, Lookup, Schedules dialect.API }

// Handler serves the pages.
type Handler struct {
	// Key looks a secret up: whose key it is.
	Key func(ctx context.Context, secret string) (tenant.Grant, bool, error)
	// Docs serves the documentation.
	Docs http.Handler
	// DemoSecret is the key of whoever has none; empty: there is no demo.
	DemoSecret string
	APIs
	// State is the table where jobs, links, and what was wrong with events are kept; Journal has
	// the events.
	State, Journal table.Table
	// Visit lets a tenant's questions in, one request after another.
	Visit func(ctx context.Context, tenant string) (context.Context, func())
	// Unanswered says why a question was not answered, other than by a refusal, and logs it.
	Unanswered func(ctx context.Context, path string, err error) *dialect.Refusal
	// Now is the present of the figures, which may stand still; Clock the real one.
	Now, Clock func() time.Time
	Log        *slog.Logger
}

//go:embed templates assets
var files embed.FS

//go:embed openapi.json
var openAPI []byte

// OpenAPI describes everything that can be asked. It is written by infra/openapi from the
// tables that answer.
func (*Handler) OpenAPI() []byte { return openAPI }

// templates are read when the first page is shown: a function that starts need not wait for it.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"clock": clock, "local": local, "number": exactly, "presets": func() any { return presets }, "comparisons": func() any { return comparisons }}).ParseFS(files, "templates/*.html"))
})

// Prefix is where all pages but the first are.
const Prefix = "/dashboard/"

// Serves says whether a path is that of a page, or of the documentation.
func (*Handler) Serves(path string) bool {
	return path == "/" || strings.HasPrefix(path, Prefix) || docs.Serves(path)
}

// policy is what a page may load: what comes from here, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	switch {
	case strings.HasPrefix(r.URL.Path, Prefix+"assets/"):
		h.asset(w, r)
	case r.URL.Path == Prefix+"sign-in" && r.Method == http.MethodPost:
		h.signIn(w, r)
	case r.URL.Path == Prefix+"sign-out" && r.Method == http.MethodPost:
		http.SetCookie(w, cookie(r, "", -1))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		h.fail(w, r, http.StatusMethodNotAllowed, "Pages are only looked at: use GET.")
	case docs.Serves(r.URL.Path):
		header.Set("Cache-Control", "public, max-age=300")
		h.Docs.ServeHTTP(w, r)
	default:
		h.page(w, r)
	}
}

// asset serves a file that pages load.
func (h *Handler) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	body, err := fs.ReadFile(files, name)
	if err != nil {
		h.fail(w, r, http.StatusNotFound, "There is no such file.")
		return
	}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		kind = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=60") // the pages of a new version need its own
	w.Header().Set("Etag", fmt.Sprintf(`W/"%x"`, sha256.Sum256(body)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// cookieName is the cookie that holds a person's key. Nothing is kept on the server's side.
const cookieName = "key"

// cookie is the one that holds a secret; age is in seconds, below 0 removes it.
func cookie(r *http.Request, secret string, age int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever the page itself came over TLS: on a laptop it does not
		Name: cookieName, Value: base64.RawURLEncoding.EncodeToString([]byte(secret)), Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// month is for how long a browser keeps a key, in seconds.
const month = 30 * 24 * 60 * 60

// signIn takes a key from a form.
func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	secret := strings.TrimSpace(r.PostFormValue("key"))
	grant, ok, err := h.Key(r.Context(), secret)
	switch {
	case err != nil:
		h.broken(w, r, err)
	case secret == "" || !ok:
		h.show(w, http.StatusUnauthorized, "signin", &signIn{Wrong: "No key has this secret, or it was revoked."})
	case !slices.Contains(grant.Scopes, tenant.ReportsRead):
		h.show(w, http.StatusForbidden, "signin", &signIn{Wrong: "This key lacks the scope '" + tenant.ReportsRead + "', without which nothing can be shown."})
	default:
		http.SetCookie(w, cookie(r, secret, month))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// signIn is what the page of that name says.
type signIn struct{ Wrong string }

// who says whose key the browser holds; ok is false where it holds none that may read.
func (h *Handler) who(r *http.Request) (t *tenant.Tenant, demo, ok bool, err error) {
	secret := h.DemoSecret
	if c, err := r.Cookie(cookieName); err == nil {
		if raw, err := base64.RawURLEncoding.DecodeString(c.Value); err == nil && len(raw) > 0 {
			secret = string(raw)
		}
	}
	if secret == "" {
		return nil, false, false, nil
	}
	grant, ok, err := h.Key(r.Context(), secret)
	if err != nil || !ok || !slices.Contains(grant.Scopes, tenant.ReportsRead) {
		return nil, false, false, err
	}
	return &grant.Tenant, secret == h.DemoSecret, true, nil
}

// page answers with a page, or asks for a key.
func (h *Handler) page(w http.ResponseWriter, r *http.Request) {
	t, demo, ok, err := h.who(r)
	if err != nil {
		h.broken(w, r, err)
		return
	}
	switch {
	case ok && r.URL.Path != Prefix+"sign-in":
	case r.URL.Path == Prefix+"sign-in" || find(r.URL.Path) != nil:
		h.show(w, http.StatusOK, "signin", &signIn{})
		return
	default: // what is no page of the menu is asked for by pages that have a key
		h.show(w, http.StatusUnauthorized, "signin", &signIn{Wrong: "Whoever looks at this has to be signed in."})
		return
	}
	ctx, leave := h.Visit(r.Context(), t.ID)
	defer leave()
	a := &asker{Context: ctx, Handler: h, tenant: t, now: h.Now(), demo: demo}
	a.known = a.directories()
	a.standing = sync.OnceValues(func() (backlog.Standing, error) { return backlog.Read(ctx, h.Journal, h.State, t.ID) })
	if err := a.serve(w, r); err != nil {
		refused, ok := errors.AsType[*dialect.Refusal](err)
		if !ok {
			refused = h.Unanswered(a, r.URL.Path, err)
		}
		if after := refused.RetryAfter; after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
		}
		h.fail(w, r, refused.Status, refused.Sentence())
	}
}

// show writes a template.
func (h *Handler) show(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := templates().ExecuteTemplate(w, name, data); err != nil {
		panic("dashboard: " + err.Error())
	}
}

// failure is what the page of a failure says.
type failure struct {
	Status int
	Name   string
	Detail string
}

func (h *Handler) fail(w http.ResponseWriter, _ *http.Request, status int, detail string) {
	h.show(w, status, "failure", &failure{status, http.StatusText(status), detail})
}

// broken tells of an error that is ours.
func (h *Handler) broken(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "a page", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", "2")
	h.fail(w, r, http.StatusServiceUnavailable, "The figures cannot be read at the moment. Try again in a few seconds.")
}
