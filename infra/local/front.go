package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/shared/dialect"
	"chatreports/shared/object/directory"
	"chatreports/shared/web"
)

// tryAgain is when to ask again what cannot be answered now.
const tryAgain = time.Second

// front stands at the port. While the system gets ready it says so, and how far that
// is; then it is the gateway, but for the health of the storage.
type front struct {
	progress  *progress
	lastWrite func() error // what became of it
	files     http.Handler // of links
	gateway   atomic.Pointer[gateway.Gateway]
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answering := f.gateway.Load()
	health := r.URL.Path == "/healthz" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	switch {
	case answering == nil && health:
		// Not 200: who waits for that asks next.
		notNow(w, f.progress.now())
	case answering == nil:
		web.Refuse(w, dialect.Ours, &dialect.Refusal{
			Status: http.StatusServiceUnavailable, Code: "loading", RetryAfter: tryAgain,
			Detail: "Not yet: " + f.progress.now().String() + ".",
		})
	case strings.HasPrefix(r.URL.Path, directory.Path):
		f.files.ServeHTTP(w, r)
	default:
		if err := f.lastWrite(); err != nil && health {
			notNow(w, map[string]string{"status": "failing", "error": "the last write failed: " + err.Error()})
			return
		}
		answering.ServeHTTP(w, r)
	}
}

// notNow is a health check's answer while all is not well.
func notNow(w http.ResponseWriter, what any) {
	w.Header().Set("Retry-After", "1")
	web.WriteJSON(w, http.StatusServiceUnavailable, "application/json", what)
}
