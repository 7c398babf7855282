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
)

// retryUnavailable is what a caller is told to wait when storage did not answer.
const retryUnavailable = 2 * time.Second

// Require lets only callers through whose key has the scope; others are refused in
// the dialect's own words. (An HTTP API cannot shape its authorizer's refusals, so
// the authorizer lets every call through and says who called.)
func Require(scope string, shape Shape) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := Identify(r.Context())
			switch {
			case id.Outcome == Unavailable:
				shape.Write(w, Problem{
					Status: http.StatusServiceUnavailable, Code: "unavailable",
					Detail: "The key could not be looked up; try again.", RetryAfter: retryUnavailable,
				})
			case id.Outcome != OK || id.Basic && !shape.Basic:
				challenge(w, id, shape)
			case !id.Has(scope):
				shape.Write(w, Problem{
					Status: http.StatusForbidden, Code: "forbidden",
					Detail: fmt.Sprintf("The key lacks the scope '%s'.", scope),
				})
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

func challenge(w http.ResponseWriter, id Identity, shape Shape) {
	forms := "send 'Authorization: Bearer SECRET'"
	if shape.Basic {
		forms += ", or HTTP Basic with the secret as password and any user name"
	}
	p := Problem{Status: http.StatusUnauthorized, Code: "key_missing", Detail: "A key is required: " + forms + "."}
	header := `Bearer realm="chatreports"`
	switch {
	case id.Basic && !shape.Basic:
		p.Code, p.Detail = "key_malformed", "HTTP Basic is not taken here: "+forms+"."
	case id.Outcome == Malformed:
		p.Code, p.Detail = "key_malformed", "The header Authorization is of no form that is taken: "+forms+"."
		header += `, error="invalid_token"`
	case id.Outcome == Unknown:
		p.Code, p.Detail = "key_unknown", "The key is not known or was revoked."
		header += `, error="invalid_token"`
	}
	w.Header().Add("WWW-Authenticate", header)
	if shape.Basic {
		w.Header().Add("WWW-Authenticate", `Basic realm="chatreports", charset="UTF-8"`)
	}
	shape.Write(w, p)
}

// Methods answers 405 to any method but those; GET brings HEAD along.
func Methods(shape Shape, next http.Handler, methods ...string) http.Handler {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	allow := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(methods, r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		shape.Write(w, Problem{
			Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Detail: fmt.Sprintf("%s is not possible here; use %s.", r.Method, strings.Join(methods, " or ")),
		})
	})
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
		WriteProblem(w, Problem{
			Status: http.StatusBadRequest, Code: "unknown_parameter", Field: names[0],
			Detail: fmt.Sprintf("Unknown parameter '%s': there are none here.", names[0]),
		})
	})
}

// NotFound answers 404 to whatever comes.
func NotFound(shape Shape) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shape.Write(w, Problem{Status: http.StatusNotFound, Code: "not_found", Detail: "There is nothing at " + r.URL.Path + "."})
	})
}

// Guard holds a response back until it is complete, so that a handler that panics
// answers 500 and nothing else; what happened goes to the log only.
func Guard(shape Shape, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldResponse{header: http.Header{}}
		defer func() {
			if p := recover(); p != nil {
				log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(p), "path", r.URL.Path, "stack", string(debug.Stack()))
				shape.Write(w, Problem{
					Status: http.StatusInternalServerError, Code: "internal",
					Detail: "Something went wrong here; it was logged.",
				})
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
	maps.Copy(w.Header(), h.header)
	w.WriteHeader(h.status)
	if !head && h.body.Len() > 0 {
		_, _ = w.Write(h.body.Bytes())
	}
}
