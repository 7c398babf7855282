package main

import (
	"html/template"
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
	case answering == nil && strings.Contains(r.Header.Get("Accept"), "text/html"):
		showLoading(w, f.progress.now())
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

// loading is the page of a system that gets ready: it has nothing else yet, and so needs nothing else.
var loading = template.Must(template.New("loading").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Loading · Chat reports</title>
<link rel="icon" href="data:,">
<style>body { font: 15px/1.45 system-ui, sans-serif; max-width: 27rem; margin: 12vh auto; padding: 0 1rem } progress { width: 100% }</style>
</head>
<body>
<main>
<h1>Not yet</h1>
<p role="status">The system is {{.}}. This page goes on by itself.</p>
{{if .Of}}<progress value="{{.Done}}" max="{{.Of}}" aria-label="how far it is"></progress>{{end}}
</main>
</body>
</html>
`))

// showLoading tells a person how far the system is; the browser asks again by itself.
func showLoading(w http.ResponseWriter, s stage) {
	for name, value := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Retry-After": "1", "Refresh": "1"} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = loading.Execute(w, s) // who has gone meanwhile asks again
}
