package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra/local/stack"
)

func TestAFunctionStopsWhenItsCallerHasGone(t *testing.T) {
	working, ended := make(chan struct{}), make(chan error, 1)
	f := lambda.NewHandler(func(ctx context.Context, _ json.RawMessage) error {
		close(working)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})
	server := httptest.NewServer(New(map[string]Function{"F": {stack.Function{
		Name: "F", Timeout: time.Minute, Routes: []stack.Route{{Method: "ANY", Path: stack.DefaultPath}},
	}, f, nil, nil}}, slog.New(slog.DiscardHandler)))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-working
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/r", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err == nil {
		response.Body.Close()
		t.Fatal("the function answered, and its caller had gone")
	}
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it goes on after its caller has gone")
	}
}

// A body that comes slowly keeps no other call waiting, and is given up in time.
func TestASlowBodyIsGivenUp(t *testing.T) {
	f := lambda.NewHandler(func() (map[string]any, error) { return map[string]any{"statusCode": 200, "body": "ok"}, nil })
	server := httptest.NewUnstartedServer(New(map[string]Function{"F": {stack.Function{
		Name: "F", Timeout: time.Minute, Routes: []stack.Route{{Method: "ANY", Path: stack.DefaultPath}},
	}, f, nil, nil}}, slog.New(slog.DiscardHandler)))
	server.Config.ReadTimeout = time.Second
	server.Start()
	defer server.Close()
	post := func(body io.Reader) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/webhooks/w", body)
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	slow, begun := io.Pipe()
	answer := make(chan int)
	go func() { answer <- post(slow) }()
	if _, err := begun.Write([]byte("{")); err != nil {
		t.Fatal(err)
	}
	if got := post(strings.NewReader("{}")); got != http.StatusOK {
		t.Errorf("another call is answered %d", got)
	}
	if got := <-answer; got != http.StatusRequestTimeout {
		t.Errorf("the slow body is answered %d", got)
	}
	_ = begun.Close()
}
