package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/web"
)

// maxBody is how much of a body API Gateway takes.
const maxBody = 10 << 20

// gateway stands where API Gateway does: it turns requests into events, asks the
// authorizer, calls the function and turns its answer back.
type gateway struct {
	routes routes
	log    *slog.Logger
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, parameters := g.routes.find(r.Method, r.URL.Path)
	if route == nil {
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		g.unread(w, err)
		return
	}
	request := requestEvent(r, body, route.Key(), parameters)
	if route.authorizer != nil {
		identity, err := authorize(r.Context(), route.authorizer, &request)
		if err != nil {
			g.fail(w, route.authorizer.Name, err)
			return
		}
		request.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: identity}
	}
	var response events.APIGatewayV2HTTPResponse
	if err := route.function.call(r.Context(), request, &response); err != nil {
		g.fail(w, route.function.Name, err)
		return
	}
	if err := write(w, &response); err != nil {
		g.fail(w, route.function.Name, err)
	}
}

func (g *gateway) unread(w http.ResponseWriter, err error) {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		web.WriteProblem(w, web.Problem{
			Status: http.StatusRequestEntityTooLarge, Code: "too_large",
			Detail: fmt.Sprintf("The body is larger than %d bytes: send it in parts.", large.Limit),
		})
		return
	}
	web.WriteProblem(w, web.Problem{Status: http.StatusBadRequest, Code: "malformed_body", Detail: "The body could not be read to its end."})
}

func (g *gateway) fail(w http.ResponseWriter, function string, err error) {
	g.log.Error("a function failed", "function", function, "error", err)
	web.WriteProblem(w, web.Problem{Status: http.StatusInternalServerError, Code: "internal", Detail: "Something went wrong here; it was logged."})
}

// call invokes the function with in as JSON and reads its answer into out.
func (h *handler) call(ctx context.Context, in, out any) (err error) {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	answer, err := h.Invoke(ctx, payload)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func authorize(ctx context.Context, h *handler, request *events.APIGatewayV2HTTPRequest) (map[string]any, error) {
	var answer events.APIGatewayV2CustomAuthorizerSimpleResponse
	err := h.call(ctx, events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST",
		RouteArn: "arn:aws:execute-api:local:000000000000:local/$default/" + request.RequestContext.HTTP.Method + request.RawPath,
		RouteKey: request.RouteKey, RawPath: request.RawPath, RawQueryString: request.RawQueryString,
		Cookies: request.Cookies, Headers: request.Headers, QueryStringParameters: request.QueryStringParameters,
		RequestContext: request.RequestContext, PathParameters: request.PathParameters,
	}, &answer)
	if err == nil && !answer.IsAuthorized {
		err = errors.New("the authorizer refused, which it should leave to the function")
	}
	return answer.Context, err
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
