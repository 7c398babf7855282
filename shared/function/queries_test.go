package function

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/dialect"
)

// echo answers with as many bytes as the body says.
type echo struct{}

func (echo) Shape() dialect.Shape { return dialect.Ours }

func (echo) Answer(_ context.Context, r *dialect.Request) (*dialect.Answer, error) {
	var n int
	if err := json.Unmarshal(r.Body, &n); err != nil {
		return nil, err
	}
	return &dialect.Answer{ContentType: "text/plain", Write: func(w io.Writer) error {
		_, err := w.Write(bytes.Repeat([]byte("x"), n))
		return err
	}}, nil
}

// An answer that Lambda would not pass on is refused in words, and so is a body that is too
// large.
func TestQueriesAreBounded(t *testing.T) {
	h := Queries(Deps{State: known(t, "acme"), Now: time.Now, Log: slog.New(slog.DiscardHandler)}, echo{})
	for _, c := range []struct {
		body   string
		status int
		code   string
	}{
		{"1000", http.StatusOK, ""},
		{"6000000", http.StatusOK, ""},
		{"6300000", http.StatusRequestEntityTooLarge, "answer_too_large"},
		{"1" + string(bytes.Repeat([]byte(" "), mostBody)), http.StatusRequestEntityTooLarge, "too_large"},
	} {
		e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: "/reports/conversations", Body: c.body, Headers: map[string]string{"authorization": "Bearer acme"}}
		e.RequestContext.HTTP.Method, e.RequestContext.DomainName = http.MethodPost, "api.example"
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := h.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		var response events.APIGatewayV2HTTPResponse
		var refused struct{ Code string }
		if err := json.Unmarshal(raw, &response); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal([]byte(response.Body), &refused)
		if response.StatusCode != c.status || refused.Code != c.code {
			t.Errorf("%.10s: %d %q, want %d %q", c.body, response.StatusCode, refused.Code, c.status, c.code)
		}
	}
}
