// Package web is the HTTP glue: API Gateway's events to net/http and back, who
// called, what a key may do, and errors in the shape of the dialect that is spoken.
// In: requests. Out: the same requests with an identity, or a refusal. It knows no
// route, no report and no storage.
package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Problem is an error of ours (RFC 9457). Code is stable: programs go by it.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
	// Field is the parameter or header that is wrong, where it is one.
	Field string `json:"field,omitempty"`
	// RetryAfter, if not 0, says when to try again.
	RetryAfter time.Duration `json:"-"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// WriteProblem answers with a problem.
func WriteProblem(w http.ResponseWriter, p Problem) {
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	WriteJSON(w, p.Status, "application/problem+json", p)
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

// Shape writes a refusal in the words of one dialect.
type Shape struct {
	// Basic says that HTTP Basic is taken too, the secret being the password.
	Basic bool
	Write func(w http.ResponseWriter, p Problem)
}

// Ours is the shape of our own routes.
var Ours = Shape{Write: WriteProblem}

// Comm100 is the shape of Comm100's routes: code = status × 1000 and a message.
var Comm100 = Shape{Basic: true, Write: func(w http.ResponseWriter, p Problem) {
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	message := p.Detail
	if message == "" {
		message = http.StatusText(p.Status)
	}
	WriteJSON(w, p.Status, "application/json", struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{p.Status * 1000, message})
}}
