package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
)

// remote is a system that is asked over HTTP.
type remote struct {
	t   *testing.T
	url string
}

// request asks until there is an answer that does not ask to be asked again.
func (r *remote) request(method, target, key, body string, header ...string) (status int, answer string, h http.Header) {
	r.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = r.url + target
	}
	var last string
	for deadline, wait := time.Now().Add(90*time.Second), 50*time.Millisecond; time.Now().Before(deadline); wait = min(2*wait, 2*time.Second) {
		ctx, cancel := context.WithTimeout(r.t.Context(), 40*time.Second)
		q, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
		if err != nil {
			cancel()
			r.t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		if key != "" {
			q.Header.Set("Authorization", "Bearer "+key)
		}
		for i := 0; i < len(header); i += 2 {
			q.Header.Set(header[i], header[i+1])
		}
		response, err := http.DefaultTransport.RoundTrip(q)
		if err == nil {
			var raw []byte
			raw, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
			if cancel(); err == nil && response.StatusCode != http.StatusTooManyRequests && response.StatusCode < 500 {
				return response.StatusCode, string(raw), response.Header
			}
			last = fmt.Sprint(response.StatusCode, " ", string(raw))
		}
		cancel()
		if err != nil {
			last = err.Error()
		}
		time.Sleep(wait)
	}
	r.t.Fatalf("%s %s: %s", method, target, last)
	return 0, "", nil
}

func (r *remote) must(method, target, key, body string, want int, header ...string) string {
	r.t.Helper()
	status, answer, _ := r.request(method, target, key, body, header...)
	if status != want {
		r.t.Fatalf("%s %s answers %d %.600s; want %d", method, target, status, answer, want)
	}
	return answer
}

// deliver posts what a vendor would.
func (r *remote) deliver(vendor, id, secret string, body []byte, want int) {
	r.t.Helper()
	signed, err := payload.Sign(vendor, secret, body, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	var header []string
	for name := range signed.Header {
		header = append(header, name, signed.Header.Get(name))
	}
	r.must("POST", "/v1/webhooks/"+id, "", string(signed.Body), want, header...)
}
