package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect"
)

// retryUnavailable is what a caller is told to wait when storage did not answer.
const retryUnavailable = 2 * time.Second

// Require lets only callers through whose key has the scope; others are refused in
// the dialect's own words.
func Require(scope string, shape dialect.Shape) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := Identify(r.Context())
			switch {
			case id.Outcome == Unavailable:
				Refuse(w, shape, &dialect.Refusal{
					Status: http.StatusServiceUnavailable, Code: "unavailable",
					Detail: "The key could not be looked up; try again.", RetryAfter: retryUnavailable,
				})
			case id.Outcome != OK || id.Basic && !shape.Basic:
				challenge(w, id, shape)
			case !id.Has(scope):
				Refuse(w, shape, dialect.Refuse(http.StatusForbidden, "forbidden", "The key lacks the scope '%s'.", scope))
			default:
				share(w, r, id)
				next.ServeHTTP(w, r)
			}
		})
	}
}

func challenge(w http.ResponseWriter, id Identity, shape dialect.Shape) {
	forms := "send 'Authorization: Bearer SECRET'"
	if shape.Basic {
		forms += ", or HTTP Basic with the secret as password and any user name"
	}
	refused := dialect.Refuse(http.StatusUnauthorized, "key_missing", "A key is required: %s.", forms)
	header := `Bearer realm="chatreports"`
	switch {
	case id.Basic && !shape.Basic:
		refused.Code, refused.Detail = "key_malformed", "HTTP Basic is not taken here: "+forms+"."
	case id.Outcome == Malformed:
		refused.Code, refused.Detail = "key_malformed", "The header Authorization is of no form that is taken: "+forms+"."
		header += `, error="invalid_token"`
	case id.Outcome == Unknown:
		refused.Code, refused.Detail = "key_unknown", "The key is not known or was revoked."
		header += `, error="invalid_token"`
	}
	w.Header().Add("WWW-Authenticate", header)
	if shape.Basic {
		w.Header().Add("WWW-Authenticate", `Basic realm="chatreports", charset="UTF-8"`)
	}
	Refuse(w, shape, refused)
}

// Methods answers 405 to any method but those; GET brings HEAD along.
func Methods(shape dialect.Shape, next http.Handler, methods ...string) http.Handler {
	return MethodsBeside(nil, shape, next, methods...)
}

// MethodsBeside does so where another function answers some methods of the same path.
func MethodsBeside(elsewhere []string, shape dialect.Shape, next http.Handler, methods ...string) http.Handler {
	own, all := withHead(methods), withHead(slices.Concat(methods, elsewhere))
	allow := strings.Join(all, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(own, r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		Refuse(w, shape, dialect.Refuse(http.StatusMethodNotAllowed, "method_not_allowed", "%s is not possible here; use %s.", r.Method, strings.Join(all, " or ")))
	})
}

func withHead(methods []string) []string {
	if slices.Contains(methods, http.MethodGet) {
		return append(slices.Clone(methods), http.MethodHead)
	}
	return methods
}

// NoQuery refuses every query parameter, for routes that have none.
func NoQuery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		names := make([]string, 0, 4)
		for name := range r.URL.Query() {
			names = append(names, name)
		}
		if len(names) == 0 && r.URL.RawQuery != "" {
			names = append(names, r.URL.RawQuery)
		}
		if len(names) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		slices.Sort(names)
		Refuse(w, dialect.Ours, dialect.Unknown(names[0], nil))
	})
}

// NotFound answers 404 to whatever comes.
func NotFound(shape dialect.Shape) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Refuse(w, shape, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", r.URL.Path))
	})
}

// Guard holds a response back until it is complete, so that a handler that panics
// answers 500 and nothing else; what happened goes to the log only. A handler that must
// give up half way panics with the refusal that is told instead.
func Guard(shape dialect.Shape, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldResponse{header: http.Header{}}
		defer func() {
			p := recover()
			if p != nil {
				held.pass(w, sharing...) // who may read the answer may read why there is none
			}
			if refused, ok := p.(*dialect.Refusal); ok {
				Refuse(w, shape, refused)
			} else if p != nil {
				log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(p), "path", r.URL.Path, "stack", string(debug.Stack()))
				Refuse(w, shape, dialect.Refuse(http.StatusInternalServerError, "internal", "Something went wrong here; it was logged."))
			}
		}()
		next.ServeHTTP(held, r)
		held.release(w, r.Method == http.MethodHead)
	})
}

type heldResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldResponse) Header() http.Header { return h.header }

func (h *heldResponse) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldResponse) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

func (h *heldResponse) release(w http.ResponseWriter, head bool) {
	h.WriteHeader(http.StatusOK)
	h.pass(w, slices.Collect(maps.Keys(h.header))...)
	w.WriteHeader(h.status)
	if !head && h.body.Len() > 0 {
		_, _ = w.Write(h.body.Bytes())
	}
}

// pass puts headers beside what stands there: both may name what an answer varies by.
func (h *heldResponse) pass(w http.ResponseWriter, names ...string) {
	for _, name := range names {
		for _, v := range h.header[name] {
			if !slices.Contains(w.Header()[name], v) {
				w.Header()[name] = append(w.Header()[name], v)
			}
		}
	}
}
