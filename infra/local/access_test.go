package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/object/directory"
	"chatreports/shared/tenant"
)

// scopes is the scope that a caller's key has to have, by the function that answers and the
// method. A method that is not here is for nobody.
var scopes = map[string]map[string]string{
	"functions/conversations": {"POST": tenant.ReportsRead},
	"functions/explain":       {"GET": tenant.ReportsRead},
	"functions/exports":       {"GET": tenant.ReportsRead, "POST": tenant.ExportsWrite, "DELETE": tenant.ExportsWrite},
	"functions/extracts":      {"GET": tenant.ReportsRead, "POST": tenant.ReportsRead},
	"functions/ingest":        {"POST": tenant.EventsWrite},
	"functions/lookup":        {"GET": tenant.ReportsRead},
	"functions/report":        {"GET": tenant.ReportsRead},
	"functions/report-bots":   {"GET": tenant.ReportsRead},
	"functions/schedules":     {"GET": tenant.ReportsRead},
}

// otherWays are the routes to which no key in a header leads, each with the test's part that
// tries to get in there; or why everybody may.
var otherWays = map[string]string{
	"ANY /":                   "pages",
	"ANY /dashboard/{proxy+}": "pages",
	"ANY /public/{token}":     "links",
	directory.Path:            "links",
	"ANY /v1/webhooks/{id}":   "webhooks",
	"ANY /healthz":            "it says nothing of anybody",
	"ANY /docs":               "it is what the repository says to everybody",
	"ANY /docs/{proxy+}":      "likewise",
	"ANY /openapi.json":       "it says what can be asked, and nothing of anybody",
	stack.DefaultPath:         "there is nothing",
}

// shown are paths whose answer names what is acme's.
var shown = []string{"/v1/exports/agents", "/v1/exports/links", "/v1/directory/agents", "/v1/chats/chat-7", "/v2/reports/raw/{job}", "/v1/schedules"}

// mark is in whatever is acme's, and in nothing that anybody asks with.
const mark = "of-acme"

// credential is what a caller shows in the header Authorization.
type credential struct{ name, header string }

// nobody are the credentials that open nothing.
func nobody() []credential {
	basic := func(secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+secret))
	}
	return []credential{
		{"no key", ""},
		{"an empty key", "Bearer"},
		{"a wrong key", "Bearer nobody"},
		{"a wrong password", basic("nobody")},
		{"a key without a scheme", "all"},
		{"a scheme that there is not", "Digest all"},
		{"a key in other letters", "Bearer ALL"},
		{"a revoked key", "Bearer revoked"},
		{"a revoked key as password", basic("revoked")},
		{"a key's id", "Bearer key-of-acme"},
		{"a long key", "Bearer " + strings.Repeat("x", 2000)},
	}
}

// otherSecret is that of the other tenant's webhooks: a key of Standard Webhooks too.
const otherSecret = "whsec_b3RoZXItdGVuYW50cy1zZWNyZXQ="

// access is a system with two tenants, and everything that somebody might get in by.
type access struct {
	*process
	routes *gateway.Gateway
	stack  stack.Stack
	data   string
	// job is one of acme's, file a link to what it made; the tokens are of public links.
	job, spare, file               string
	alive, revoked, expired, alien string
	asked, wrong                   int
}

func (a *access) tenants(acme ...string) string {
	type object = map[string]any
	keys := []object{{"id": "key-of-acme", "secret": "all", "scopes": tenant.Scopes()}}
	for _, scope := range tenant.Scopes() {
		keys = append(keys, object{"id": strings.ReplaceAll(scope, ":", "."), "secret": "only-" + scope, "scopes": []string{scope}})
	}
	for _, secret := range acme {
		keys = append(keys, object{"id": secret, "secret": secret, "scopes": tenant.Scopes()})
	}
	var hooks, others []object
	demo, err := payload.Demo()
	if err != nil {
		a.t.Fatal(err)
	}
	for _, w := range demo {
		hook := object{"id": w.ID, "provider": w.Provider}
		if w.Provider == tenant.Freshchat {
			hook["publicKey"] = w.PublicKey
		} else {
			hook["token"] = w.Token
			others = append(others, object{"id": "others-" + w.Provider, "provider": w.Provider, "token": otherSecret})
		}
		hooks = append(hooks, hook)
	}
	raw, err := yaml.Marshal(object{"tenants": []object{
		{"id": "acme", "keys": keys, "webhooks": hooks, "schedules": []object{{"id": "report-of-acme", "report": "comm100/chatVolume", "rate": "1 day", "parameters": object{"group": "day"}}}},
		{"id": "other", "keys": []object{{"id": "other", "secret": "other", "scopes": tenant.Scopes()}}, "webhooks": others},
	}})
	if err != nil {
		a.t.Fatal(err)
	}
	return tenantsAt(a.t, string(raw))
}

// newAccess has a system run until there are rows, a file and links, and once more two hours
// later, when one key is revoked and one link has expired.
func newAccess(t *testing.T) *access {
	t.Helper()
	a := &access{data: t.TempDir()}
	a.process = &process{t: t}
	a.process = start(t, "--data", a.data, "--demo=false", "--now", "2026-03-02T12:00:00Z", "--tenants", a.tenants("revoked"))
	event := func(subject, kind, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":"%[1]s","source":"t","type":%[2]q,"subject":%[1]q,"time":"2026-03-02T09:00:00Z","data":%[3]s}`, subject, kind, data)
	}
	a.must("POST", "/v1/events", "revoked", "["+event("agent", "agent.updated", `{"username":"agent-of-acme"}`)+","+
		event("chat-7", "chat.requested", `{"visitorId":"visitor-of-acme","initiatedBy":"visitor","source":"visitor"}`)+"]", http.StatusAccepted)
	a.job = between(t, a.post("all", "2026-03-01", "2026-03-03", "Conversation-Created", "csv.plain"), "w/", `"}`)
	a.file = strings.TrimPrefix(a.completed("all", a.job), a.url)
	link := func(key, body string) (id, token string) {
		var l struct{ ID, Token string }
		if err := json.Unmarshal([]byte(a.must("POST", "/v1/exports/agents/links", key, body, http.StatusCreated)), &l); err != nil {
			t.Fatal(err)
		}
		return l.ID, l.Token
	}
	var revoked string
	_, a.alive = link("all", "{}")
	a.spare, _ = link("all", `{"from":"2026-03-01"}`)
	revoked, a.revoked = link("all", "{}")
	a.must("DELETE", "/v1/exports/links/"+revoked, "all", "", http.StatusNoContent)
	_, a.expired = link("all", `{"expiresAt":"2026-03-02T13:00:00Z"}`)
	_, a.alien = link("other", "{}")
	if status, body, _ := a.ask("GET", "/public/"+a.expired, credential{}, nil, ""); status != http.StatusOK || !strings.Contains(body, mark) {
		t.Errorf("a link that is good yet answers %d %s", status, body)
	}
	if code := a.signal(syscall.SIGTERM); code != 0 {
		t.Fatalf("it ends with %d\n%s", code, a.errors)
	}
	a.process = start(t, "--data", a.data, "--demo=false", "--now", "2026-03-02T14:00:00Z", "--tenants", a.tenants())
	var err error
	if a.stack, err = stack.Deployed(); err != nil {
		t.Fatal(err)
	}
	return a
}

// ask sends one request and follows no redirect.
func (a *access) ask(method, target string, who credential, header http.Header, body string) (int, string, http.Header) {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.url+target, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}}
	maps.Copy(r.Header, header)
	if who.header != "" {
		r.Header.Set("Authorization", who.header)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response.StatusCode, string(raw), response.Header
}

// tried counts an answer, and tells of one that should be another.
func (a *access) tried(right bool, method, target, who string, status int, body string) {
	a.t.Helper()
	a.asked++
	if !right {
		a.wrong++
		a.t.Errorf("%s %s with %s: %d %.200s", method, target, who, status, body)
	}
}

// TestNobodyIsWronglyLetIn tries every route with everything that should not open it, and
// with the one thing that should.
func TestNobodyIsWronglyLetIn(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	routes := map[string]stack.Function{directory.Path: {}} // files stand beside the gateway, as a bucket does
	for _, f := range a.stack.Functions {
		for _, r := range f.Routes {
			routes[r.Key()] = f
		}
	}
	functions := map[string]gateway.Function{}
	for _, f := range a.stack.Functions {
		functions[f.Name] = gateway.Function{Function: f}
	}
	a.routes = gateway.New(functions, nil)
	a.keys(routes)
	ways := map[string]func(){"pages": a.pages, "links": a.links, "webhooks": a.webhooks}
	for key, why := range otherWays {
		if _, ok := routes[key]; !ok {
			t.Errorf("%s is told how to get in, and there is no such route", key)
		}
		if try := ways[why]; try != nil {
			try()
			delete(ways, why)
		}
	}
	t.Logf("%d requests of %d routes, wrongly let in or kept out: %d", a.asked, len(routes), a.wrong)
}

// keys tries every path that is documented, and every route, by every method.
func (a *access) keys(routes map[string]stack.Function) {
	type described struct{ Description string }
	var document struct {
		Paths map[string]map[string]described
	}
	if err := json.Unmarshal([]byte(a.must("GET", "/openapi.json", "", "", http.StatusOK)), &document); err != nil {
		a.t.Fatal(err)
	}
	paths := map[string]map[string]described{}
	maps.Copy(paths, document.Paths)
	for key, f := range routes {
		_, path, _ := strings.Cut(key, " ")
		if path = strings.ReplaceAll(path, "/reports/{proxy+}", "/reports/raw/{id}"); otherWays[key] == "" && paths[path] == nil {
			paths[path] = nil
		}
		if otherWays[key] == "" && scopes[f.Code] == nil {
			a.t.Errorf("%s is a route to which this test has no key", key)
		}
	}
	for path, operations := range paths {
		target := strings.NewReplacer("raw/{id}", "raw/"+a.job, "chats/{id}", "chats/chat-7", "chats/{proxy+}", "chats/chat-7", "raw/{proxy+}", "raw/"+a.job,
			"{kind}", "agents", "{report}", "agents", "{link}", a.spare, "{proxy+}", "x").Replace(path)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			key, function := a.routes.Route(method, target)
			if otherWays[key] != "" {
				continue
			}
			asked := method
			if method == "HEAD" {
				asked = "GET"
			}
			scope := scopes[function][asked]
			if said := operations[strings.ToLower(method)]; said.Description != "" && !strings.Contains(said.Description, "`"+scope+"`") {
				a.t.Errorf("%s %s is documented with %q, and needs %s", method, path, said.Description, scope)
			}
			a.tryKeys(method, target, scope)
		}
	}
}

// tryKeys tries one method of one address with every key.
func (a *access) tryKeys(method, target, scope string) {
	keptOut := func(status int) bool { return status >= 400 && status < 500 }
	for _, who := range nobody() {
		status, body, header := a.ask(method, target, who, nil, "{}")
		a.tried(keptOut(status) && (status != http.StatusUnauthorized || header.Get("WWW-Authenticate") != ""), method, target, who.name, status, body)
		if scope != "" && status != http.StatusUnauthorized && status != http.StatusMethodNotAllowed {
			a.t.Errorf("%s %s with %s: %d", method, target, who.name, status)
		}
	}
	for _, other := range tenant.Scopes() {
		if other == scope {
			continue
		}
		status, body, _ := a.ask(method, target, credential{header: "Bearer only-" + other}, nil, "{}")
		a.tried(keptOut(status), method, target, "only-"+other, status, body)
	}
	status, body, _ := a.ask(method, target, credential{header: "Bearer other"}, nil, "{}")
	named := strings.Contains(target, a.job) || strings.Contains(target, "chat-7") || strings.Contains(target, a.spare)
	a.tried(!strings.Contains(body, mark) && (!named || keptOut(status)), method, target, "another tenant's key", status, body)
	if scope == "" {
		return
	}
	status, body, _ = a.ask(method, target, credential{header: "Bearer only-" + scope}, nil, "{}")
	shows := method == "GET" && slices.Contains(shown, strings.Replace(target, a.job, "{job}", 1))
	a.tried(status != http.StatusUnauthorized && status != http.StatusForbidden && (!shows || status == http.StatusOK && (strings.Contains(body, mark) || strings.Contains(body, a.job))), method, target, "its key", status, body)
}
