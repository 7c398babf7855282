// Package web is the HTTP glue: API Gateway's events to net/http and back, who
// called, what a key may do, and refusals in the shape of the dialect that is
// spoken. In: requests. Out: the same requests with an identity, or a refusal. It
// knows no route, no report and no storage.
package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"chatreports/shared/dialect"
)

// Refuse answers with a refusal, told in a dialect's shape.
func Refuse(w http.ResponseWriter, shape dialect.Shape, r *dialect.Refusal) {
	if r.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((r.RetryAfter+time.Second-1)/time.Second)))
	}
	WriteJSON(w, r.Status, shape.ContentType, shape.Body(r))
}

// WriteJSON answers with v as JSON.
func WriteJSON(w http.ResponseWriter, status int, contentType string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("web: " + err.Error())
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n'))
}
