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
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
)

// echo answers with as many bytes as the body says, in a dialect.
type echo struct{ shape dialect.Shape }

func (e echo) Shape() dialect.Shape { return e.shape }

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

// An answer that Lambda would not pass on is refused in the dialect's words, unless it is
// short enough compressed and the caller takes that; so is a body that is too large.
func TestAnswersAndQueriesAreBounded(t *testing.T) {
	d := Deps{State: known(t, "acme"), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	const long = "6300000"
	for _, c := range []struct {
		h                    lambda.Handler
		method, body, accept string
		status               int
		code                 any
	}{
		{Queries(d, echo{dialect.Ours}), http.MethodPost, "1000", "", http.StatusOK, nil},
		{Queries(d, echo{dialect.Ours}), http.MethodPost, "6000000", "", http.StatusOK, nil},
		{Queries(d, echo{dialect.Ours}), http.MethodPost, long, "", http.StatusRequestEntityTooLarge, "answer_too_large"},
		{Queries(d, echo{dialect.Ours}), http.MethodPost, long, "gzip", http.StatusOK, nil},
		{Queries(d, echo{dialect.Ours}), http.MethodPost, "1" + string(bytes.Repeat([]byte(" "), mostBody)), "", http.StatusRequestEntityTooLarge, "too_large"},
		{Report(d, echo{comm100.New(nil, nil).Shape()}), http.MethodGet, "6000000", "", http.StatusOK, nil},
		{Report(d, echo{comm100.New(nil, nil).Shape()}), http.MethodGet, long, "", http.StatusRequestEntityTooLarge, 413000.0},
		{Report(d, echo{comm100.New(nil, nil).Shape()}), http.MethodGet, long, "gzip", http.StatusOK, nil},
		{Report(d, echo{chatbot.New(nil).Shape()}), http.MethodGet, long, "", http.StatusRequestEntityTooLarge, "answer_too_large"},
	} {
		e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: "/reports/conversations", Body: c.body, Headers: map[string]string{"authorization": "Bearer acme"}}
		if c.accept != "" {
			e.Headers["accept-encoding"] = c.accept
		}
		e.RequestContext.HTTP.Method, e.RequestContext.DomainName = c.method, "api.example"
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.h.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		var response events.APIGatewayV2HTTPResponse
		var refused struct{ Code any }
		if err := json.Unmarshal(raw, &response); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal([]byte(response.Body), &refused)
		if response.StatusCode != c.status || refused.Code != c.code {
			t.Errorf("%s %.10s %s: %d %v, want %d %v", c.method, c.body, c.accept, response.StatusCode, refused.Code, c.status, c.code)
		}
	}
}
