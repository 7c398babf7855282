package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/klauspost/compress/gzhttp"
)

// gzipFrom is from how many bytes on a body is compressed for callers who take that.
const gzipFrom = 1 << 10

var compress = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(gzipFrom), gzhttp.EnableZstd(false))
	if err != nil {
		panic("web: " + err.Error())
	}
	return wrap
}()

// lastWords is how long before Lambda's deadline a handler's context ends: the time to
// say what happened. Lambda kills what is still at work at the deadline, and the
// caller then gets an error that is nobody's.
const lastWords = 500 * time.Millisecond

// Lambda makes a function behind API Gateway out of an http.Handler. It is the one
// place that knows aws-lambda-go-api-proxy: that library does the translation, and
// what it gets wrong is put right here. (It cuts header values at commas, and fails
// on a path that API Gateway decoded into something no URL parser takes.)
//
// Bodies over 1 KB are gzipped for those who accept it; API Gateway gets them in base64.
func Lambda(h http.Handler) lambda.Handler {
	h = compress(preflight(h))
	adapter := httpadapter.NewV2(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := r.Context().Value(eventKey{}).(*events.APIGatewayV2HTTPRequest)
		for name, value := range e.Headers {
			r.Header.Set(name, value)
		}
		h.ServeHTTP(w, r)
	}))
	return Punctual{lambda.NewHandler(func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if _, err := url.ParseRequestURI(e.RawPath); err != nil {
			e.RawPath = (&url.URL{Path: e.RawPath}).EscapedPath()
		}
		answer, err := adapter.ProxyWithContext(context.WithValue(ctx, eventKey{}, &e), e)
		Note(ctx, slog.String("route", e.RouteKey), slog.Int("status", answer.StatusCode)) // no path: it may have a secret
		return answer, err
	})}
}

// Punctual is a handler whose context ends before Lambda's deadline, so that it can say
// what happened. Every function is one.
type Punctual struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (p Punctual) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		early, cancel := context.WithDeadline(ctx, deadline.Add(-lastWords))
		defer cancel()
		ctx = early
	}
	return p.Handler.Invoke(ctx, payload)
}

type eventKey struct{}
