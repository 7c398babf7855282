// Package gateway stands where API Gateway and Lambda do. In: the functions that
// the template describes, built over tables, and HTTP requests. Out: the answers of
// the function whose route a request takes. It is what a request meets before and
// after the deployed handlers; it knows no report and no storage.
package gateway

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/dialect"
	"chatreports/shared/web"
)

// MaxBody is how much of a body API Gateway takes, in bytes. What Lambda takes of it is less,
// and does not bind here.
const MaxBody = 10 << 20

// Gateway turns requests into events, calls the function and turns its answer back.
type Gateway struct {
	routes routes
	log    *slog.Logger
}

// New is the gateway in front of functions.
func New(functions map[string]Function, log *slog.Logger) *Gateway {
	return &Gateway{routes: routesOf(functions), log: log}
}

// Route is the route that a request takes, by its key, and the code of the function behind
// it; key is empty where there is none.
func (g *Gateway) Route(method, path string) (key, code string) {
	r, _ := g.routes.find(method, path)
	if r == nil {
		return "", ""
	}
	return r.Key(), r.function.Code
}

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, parameters := g.routes.find(r.Method, r.URL.Path)
	if route == nil {
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		g.unread(w, err)
		return
	}
	request := requestEvent(r, body, route.Key(), parameters)
	var response events.APIGatewayV2HTTPResponse
	if err := route.function.Call(r.Context(), request, &response); err != nil {
		g.fail(w, route.function.Name, err)
		return
	}
	if err := write(w, &response); err != nil {
		g.fail(w, route.function.Name, err)
	}
}

func (g *Gateway) unread(w http.ResponseWriter, err error) {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		web.Refuse(w, dialect.Ours, &dialect.Refusal{
			Status: http.StatusRequestEntityTooLarge, Code: "too_large",
			Detail: fmt.Sprintf("The body is larger than %d bytes: send it gzipped, or in parts.", large.Limit),
		})
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		web.Refuse(w, dialect.Ours, &dialect.Refusal{Status: http.StatusRequestTimeout, Code: "body_too_slow", Detail: "The body did not arrive in the time there is: send it again, or in parts."})
		return
	}
	web.Refuse(w, dialect.Ours, &dialect.Refusal{Status: http.StatusBadRequest, Code: "malformed_body", Detail: "The body could not be read to its end."})
}

func (g *Gateway) fail(w http.ResponseWriter, function string, err error) {
	g.log.Error("a function failed", "function", function, "error", err)
	web.Refuse(w, dialect.Ours, &dialect.Refusal{Status: http.StatusInternalServerError, Code: "internal", Detail: "Something went wrong here; it was logged."})
}

func requestEvent(r *http.Request, body []byte, routeKey string, parameters map[string]string) events.APIGatewayV2HTTPRequest {
	now := time.Now()
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: routeKey, RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host, "x-forwarded-for": host, "x-forwarded-proto": "http"}, PathParameters: parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: routeKey, AccountID: "000000000000", APIID: "local", Stage: "$default", RequestID: rand.Text(),
			DomainName: r.Host, Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: host, UserAgent: r.UserAgent(),
			},
		},
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			e.Cookies = strings.Split(strings.Join(values, "; "), "; ")
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	for name, values := range r.URL.Query() {
		if e.QueryStringParameters == nil {
			e.QueryStringParameters = map[string]string{}
		}
		e.QueryStringParameters[name] = strings.Join(values, ",")
	}
	if e.IsBase64Encoded = len(body) > 0 && !isText(r.Header, body); e.IsBase64Encoded {
		e.Body = base64.StdEncoding.EncodeToString(body)
	} else {
		e.Body = string(body)
	}
	return e
}

// isText says whether a body travels as text in the event, and not as base64.
func isText(header http.Header, body []byte) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return header.Get("Content-Encoding") == "" && (kind == "application/json" || strings.HasPrefix(kind, "text/")) && utf8.Valid(body)
}

func write(w http.ResponseWriter, response *events.APIGatewayV2HTTPResponse) error {
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		decoded, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
		if err != nil {
			return fmt.Errorf("the function's body is not base64: %w", err)
		}
		body = decoded
	}
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range response.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body)
	return nil
}
