package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

var quiet = slog.New(slog.DiscardHandler)

// vendor is a dialect with a shape of its own that takes HTTP Basic.
var vendor = dialect.Shape{Basic: true, ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	return map[string]any{"no": r.Status, "why": r.Sentence()}
}}

// invoke sends one event through a handler as Lambda would.
func invoke(t *testing.T, h http.Handler, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := web.Lambda(h).Invoke(context.Background(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &response); err != nil {
		t.Fatal(err)
	}
	return response
}

func get(path string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: map[string]string{}}
	e.RequestContext.HTTP.Method = "GET"
	e.RequestContext.DomainName = "api.example"
	return e
}

// as has a handler take every request for one by id.
func as(id web.Identity, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(web.WithIdentity(r.Context(), id)))
	})
}

func TestARequestArrivesAsItWasSent(t *testing.T) {
	e := get("/a b/ü%2Fc")
	e.RawQueryString = "timezone=+08:00&x=1&x=2"
	e.Headers = map[string]string{"ce-source": "a,  b,c", "accept": "x, y", "content-type": "application/json"}
	e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte{0xff, 0x00}), true
	invoke(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/a b/ü/c" || r.URL.Query().Get("timezone") != " 08:00" || len(r.URL.Query()["x"]) != 2 {
			t.Errorf("path %q, query %v", r.URL.Path, r.URL.Query())
		}
		if got := r.Header["Ce-Source"]; len(got) != 1 || got[0] != "a,  b,c" {
			t.Errorf("ce-source is %q, want it whole", got)
		}
		if string(body) != "\xff\x00" {
			t.Errorf("body is %q", body)
		}
		w.WriteHeader(http.StatusNoContent)
	}), e)
}

func TestAPathThatIsNoURLIsStillServed(t *testing.T) {
	for _, path := range []string{"/100%", "/a b%", ""} {
		response := invoke(t, web.Guard(dialect.Ours, quiet, web.NotFound(dialect.Ours)), get(path))
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%q answers %d", path, response.StatusCode)
		}
	}
}

func TestBytesThatAreNoTextComeOutAsTheyWentIn(t *testing.T) {
	response := invoke(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0xff, 0xfe}) }), get("/"))
	if raw, err := base64.StdEncoding.DecodeString(response.Body); !response.IsBase64Encoded || err != nil || string(raw) != "\xff\xfe" {
		t.Errorf("body is %q, base64 %v", response.Body, response.IsBase64Encoded)
	}
}

func TestLargeBodiesAreGzippedWhenAskedFor(t *testing.T) {
	large := strings.Repeat("chats ", 1000)
	for _, c := range []struct {
		accept, body string
		gzipped      bool
	}{
		{"gzip, deflate, br, zstd", large, true},
		{"br;q=1, gzip;q=0.5", large, true},
		{"gzip;q=0", large, false},
		{"br", large, false},
		{"", large, false},
		{"gzip", "short", false},
		{"gzip", large[:1024], true},
		{"gzip", large[:1000], false},
	} {
		e := get("/")
		e.Headers["accept-encoding"] = c.accept
		response := invoke(t, web.Guard(dialect.Ours, quiet, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Add("Vary", "Accept")
			_, _ = io.WriteString(w, c.body)
		})), e)
		body, encoding := response.Body, response.Headers["Content-Encoding"]
		if c.gzipped {
			raw, err := base64.StdEncoding.DecodeString(body)
			if err != nil || !response.IsBase64Encoded || len(raw) > len(c.body)/2 {
				t.Fatalf("%q: base64 %v, %v, %d bytes", c.accept, response.IsBase64Encoded, err, len(raw))
			}
			z, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(unpacked)
		}
		if body != c.body || (encoding == "gzip") != c.gzipped || response.Headers["Vary"] != "Accept-Encoding,Accept" {
			t.Errorf("%q: %d bytes, want %d; encoding %q, Vary %q", c.accept, len(body), len(c.body), encoding, response.Headers["Vary"])
		}
	}
}

func TestRefusalsSpeakTheDialect(t *testing.T) {
	acme := tenant.Tenant{ID: "acme"}
	for name, c := range map[string]struct {
		shape     dialect.Shape
		id        web.Identity
		status    int
		body      string
		challenge string
	}{
		"ours, no key":          {dialect.Ours, web.Identity{Outcome: web.Missing}, 401, `"code":"key_missing"`, `Bearer realm="chatreports"`},
		"ours, an unknown key":  {dialect.Ours, web.Identity{Outcome: web.Unknown}, 401, `"code":"key_unknown"`, `Bearer realm="chatreports", error="invalid_token"`},
		"ours, no scheme":       {dialect.Ours, web.Identity{Outcome: web.Malformed}, 401, `"code":"key_malformed","title":"Unauthorized","detail":"The header Authorization is of no form that is taken: send 'Authorization: Bearer SECRET'."`, `Bearer realm="chatreports", error="invalid_token"`},
		"a vendor, no scheme":   {vendor, web.Identity{Outcome: web.Malformed}, 401, `is of no form that is taken: send 'Authorization: Bearer SECRET', or HTTP Basic with the secret as password and any user name."`, `Bearer realm="chatreports", error="invalid_token",Basic realm="chatreports", charset="UTF-8"`},
		"ours, by Basic":        {dialect.Ours, web.Identity{Tenant: acme, Outcome: web.OK, Scopes: []string{"s"}, Basic: true}, 401, `Basic is not taken`, `Bearer realm="chatreports"`},
		"ours, another scope":   {dialect.Ours, web.Identity{Tenant: acme, Outcome: web.OK, Scopes: []string{"x"}}, 403, `lacks the scope 's'`, ""},
		"ours, storage is away": {dialect.Ours, web.Identity{Outcome: web.Unavailable}, 503, `"code":"unavailable"`, ""},
		"a vendor, no key": {
			vendor,
			web.Identity{Outcome: web.Missing},
			401, `{"no":401,"why":"A key is required`,
			`Bearer realm="chatreports",Basic realm="chatreports", charset="UTF-8"`,
		},
		"a vendor, another scope": {vendor, web.Identity{Tenant: acme, Outcome: web.OK, Scopes: []string{"x"}}, 403, `{"no":403,"why":`, ""},
		"a vendor, by Basic":      {vendor, web.Identity{Tenant: acme, Outcome: web.OK, Scopes: []string{"s"}, Basic: true}, 200, "through", ""},
		"ours, the right scope":   {dialect.Ours, web.Identity{Tenant: acme, Outcome: web.OK, Scopes: []string{"x", "s"}}, 200, "through", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := web.Require("s", c.shape)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "through") }))
			response := invoke(t, as(c.id, h), get("/"))
			if response.StatusCode != c.status || !strings.Contains(response.Body, c.body) {
				t.Errorf("answer is %d %s, want %d with %s", response.StatusCode, response.Body, c.status, c.body)
			}
			if got := response.Headers["Www-Authenticate"]; got != c.challenge {
				t.Errorf("challenge is %q, want %q", got, c.challenge)
			}
		})
	}
}

func TestWhomNobodyIdentifiedIsNobody(t *testing.T) {
	h := web.Require("s", dialect.Ours)(http.NotFoundHandler())
	if response := invoke(t, h, get("/")); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("answer is %d", response.StatusCode)
	}
	// What a caller writes into its own headers is no identity.
	e := get("/")
	e.Headers["outcome"], e.Headers["tenantid"] = "ok", "acme"
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"outcome": "ok", "tenantId": "acme"}}
	if response := invoke(t, h, e); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("answer is %d", response.StatusCode)
	}
}

func TestAPanicShowsNothingOfWhatHappened(t *testing.T) {
	var log strings.Builder
	h := web.Guard(vendor, slog.New(slog.NewJSONHandler(&log, nil)), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Inner", "1")
		_, _ = io.WriteString(w, "half an ans")
		panic("inner text")
	}))
	response := invoke(t, h, get("/x"))
	if response.StatusCode != 500 || !strings.HasPrefix(response.Body, `{"no":500,"why":`) || strings.Contains(response.Body, "inner") || response.Headers["X-Inner"] != "" {
		t.Errorf("answer is %d %s %v", response.StatusCode, response.Body, response.Headers)
	}
	if !strings.Contains(log.String(), "inner text") {
		t.Errorf("the log is %s", log.String())
	}
}

func TestMethods(t *testing.T) {
	h := web.Guard(dialect.Ours, quiet, web.Methods(dialect.Ours, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "body") }), "GET"))
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "OPTIONS": 405} {
		e := get("/")
		e.RequestContext.HTTP.Method = method
		response := invoke(t, h, e)
		if response.StatusCode != want {
			t.Errorf("%s answers %d, want %d", method, response.StatusCode, want)
		}
		if want == 405 && response.Headers["Allow"] != "GET, HEAD" {
			t.Errorf("Allow is %q", response.Headers["Allow"])
		}
		if method == "HEAD" && response.Body != "" {
			t.Errorf("HEAD has the body %q", response.Body)
		}
	}
}

func TestUnknownParametersAreNamed(t *testing.T) {
	e := get("/")
	e.RawQueryString = "b=1&a=2"
	response := invoke(t, web.NoQuery(http.NotFoundHandler()), e)
	if response.StatusCode != 400 || !strings.Contains(response.Body, `"code":"unknown_parameter"`) || !strings.Contains(response.Body, "'a'") {
		t.Errorf("answer is %d %s", response.StatusCode, response.Body)
	}
}
