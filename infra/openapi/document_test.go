package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/local/stack"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

func document(t *testing.T) []byte {
	t.Helper()
	d, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatIsServedIsNew(t *testing.T) {
	served, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(served, document(t)) {
		t.Errorf("%s is old: go generate ./infra/openapi", written)
	}
}

// TestEveryRouteIsDescribed compares the document with the routes of the template.
func TestEveryRouteIsDescribed(t *testing.T) {
	s, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for _, f := range s.Functions {
		for _, r := range f.Routes {
			routes = append(routes, r.Path)
		}
	}
	// What a route with parts leads to, and the document describes one by one.
	matches := func(route, path string) bool {
		a, b := strings.Split(route, "/"), strings.Split(path, "/")
		for i := range a {
			switch {
			case a[i] == "{proxy+}":
				return len(b) > i
			case i >= len(b), a[i] != b[i] && !strings.HasPrefix(a[i], "{"):
				return false
			}
		}
		return len(a) == len(b)
	}
	var paths []string
	for _, o := range operations() {
		paths = append(paths, o.Path)
		if !slices.ContainsFunc(routes, func(r string) bool { return matches(r, o.Path) }) {
			t.Errorf("no route leads to %s", o.Path)
		}
	}
	// Pages for people, and spellings of the same that are not told.
	beside := []string{stack.DefaultPath, "/dashboard/{proxy+}", "/docs/{proxy+}"}
	same := strings.NewReplacer("/api/v1/", "/api/v3/", "/chatSourceRequestPage", "/chatSource/requestPage", "/realtime/rightnow", "/realtime/rightNow", "/reports/rightnow", "/reports/realtime/rightNow")
	for _, route := range routes {
		told := same.Replace(route)
		if strings.HasPrefix(told, "/reports/raw") {
			told = "/v2" + told
		}
		if !slices.Contains(beside, route) && !slices.ContainsFunc(paths, func(p string) bool { return matches(told, p) }) {
			t.Errorf("%s is not described", route)
		}
	}
}

func bodyType(b *dialect.Body) string {
	if b == nil {
		return ""
	}
	return b.Type
}

// TestWhatIsDescribedIsAnswered asks everything that has an example, and compares request
// and answer with the document.
func TestWhatIsDescribedIsAnswered(t *testing.T) {
	d, err := libopenapi.NewDocument(document(t))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, p := range problems {
			t.Errorf("the document: %s: %s", p.Message, p.Reason)
		}
	}
	s := centre(t)
	asked := 0
	for _, o := range operations() {
		if strings.Contains(o.Path, "{") || o.Body != nil && o.Body.Example == nil {
			continue
		}
		body := ""
		if o.Body != nil {
			raw, err := json.Marshal(o.Body.Example)
			if err != nil {
				t.Fatal(err)
			}
			body = string(raw)
		}
		// With what the document says, without it, and with what there is not.
		for _, question := range []struct {
			query string
			key   string
		}{{o.Example, "a secret"}, {"", "a secret"}, {"colour=red", "a secret"}, {o.Example, ""}} {
			asked++
			compare(t, v, s, o.Method, o.Path+"?"+question.query, question.key, body, bodyType(o.Body))
		}
		for _, p := range o.Parameters {
			for _, value := range p.Values { // in every format, by every group, …
				asked++
				compare(t, v, s, o.Method, o.Path+"?"+with(o.Example, p.Name, value), "a secret", body, bodyType(o.Body))
			}
		}
		if body != "" { // and without anything in it
			compare(t, v, s, o.Method, o.Path, "a secret", "{}", bodyType(o.Body))
		}
	}
	if asked < 500 {
		t.Errorf("only %d questions were asked", asked)
	}
}

// with is a query with another value of one parameter.
func with(query, name, value string) string {
	q, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	q.Set(name, value)
	return q.Encode()
}

// TestAllowNamesWhatIsDescribed asks every path by a method that none has, and compares what
// it says it takes with what is described.
func TestAllowNamesWhatIsDescribed(t *testing.T) {
	want := map[string][]string{}
	for _, o := range operations() {
		if want[o.Path] = append(want[o.Path], o.Method); o.Method == http.MethodGet {
			want[o.Path] = append(want[o.Path], http.MethodHead)
		}
	}
	s := centre(t)
	for path, methods := range want {
		target := path
		for _, o := range operations() {
			for _, p := range o.Parts {
				value := "x"
				if p.Values != nil {
					value = p.Values[0]
				}
				target = strings.ReplaceAll(target, "{"+p.Name+"}", value)
			}
		}
		response, err := s.Request("PROPFIND", target, http.Header{"Authorization": {"Bearer a secret"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		allowed := strings.Split(response.Header.Get("Allow"), ", ")
		slices.Sort(allowed)
		slices.Sort(methods)
		if response.StatusCode != http.StatusMethodNotAllowed || !slices.Equal(allowed, methods) {
			t.Errorf("%s answers %d and takes %s; described are %s", path, response.StatusCode, allowed, methods)
		}
	}
}

// compare asks one question and compares the answer with the document.
func compare(t *testing.T, v validator.Validator, s *trial.System, method, target, key, body, kind string) {
	t.Helper()
	header := http.Header{}
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		header.Set("Content-Type", kind)
	}
	response, err := s.Request(method, target, header, body)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode >= 500 {
		t.Errorf("%s %s: %d %s", method, target, response.StatusCode, raw)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	if response.Header.Get("Content-Type") == dialect.TypeLines { // of JSON the validator reads one value
		raw, _, _ = bytes.Cut(raw, []byte("\n"))
	}
	response.Body = io.NopCloser(bytes.NewReader(raw))
	if ok, problems := v.ValidateHttpResponse(request, response); !ok {
		for _, p := range problems {
			t.Errorf("%s %s answers %d %s: %s: %s", method, target, response.StatusCode, response.Header.Get("Content-Type"), p.Message, p.Reason)
		}
	}
}

// TestLongExportsAreDeclared looks at what redirects where an answer is too long to be sent.
func TestLongExportsAreDeclared(t *testing.T) {
	var told struct {
		Paths map[string]map[string]struct{ Responses map[string]any }
	}
	if err := json.Unmarshal(document(t), &told); err != nil {
		t.Fatal(err)
	}
	for path, methods := range told.Paths {
		_, has := methods["get"].Responses["303"]
		reads := strings.HasPrefix(path, "/v1/exports/") && path != "/v1/exports/links" || strings.HasPrefix(path, "/public/")
		if _, ok := methods["get"]; ok && has != reads {
			t.Errorf("GET %s: 303 is declared: %t", path, has)
		}
	}
}

var now = time.Date(2026, 11, 8, 15, 20, 0, 0, time.UTC)

// centre is a system with a day of a small contact centre.
func centre(t *testing.T) *trial.System {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true, Webhooks: []tenant.Webhook{{ID: "x", Provider: tenant.Drift, Token: "t"}}},
		Keys:   []tenant.Key{{ID: "all", Secret: "a secret", Scopes: tenant.Scopes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 4, Start: now.Add(-24 * time.Hour), End: now, Scale: 0.02, Agents: 3, Departments: 2, Campaigns: 2, RoundTheClock: true}).Events() {
		events = append(events, e)
	}
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
	return s
}
