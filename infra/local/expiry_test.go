package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/queue"
	"chatreports/infra/local/stack"
	"chatreports/shared/admission"
	"chatreports/shared/function"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// clocked is the template's functions and the files' links, with one clock that a test moves.
type clocked struct {
	t       *testing.T
	now     time.Time
	gateway http.Handler
	files   http.Handler
	jobs    func()
}

func newClocked(t *testing.T) *clocked {
	t.Helper()
	c := &clocked{t: t, now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return c.now }
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	files, err := directory.Open(t.TempDir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	waiting, state := queue.New(0), table.Divide(db.Table("state"))
	functions, err := gateway.Build(description, function.Deps{
		Journal: db.FeedTable("journal"), State: db.Table("state"), Now: clock, Clock: clock, Log: slog.New(slog.DiscardHandler),
		Objects: files, Queue: waiting, Reports: admission.New(function.ReportLimits),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Put(t.Context(), state, tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "UTC"}, Keys: []tenant.Key{{ID: "all", Secret: "all", Scopes: tenant.Scopes()}}}); err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		if len(f.Messages) > 0 {
			c.jobs = func() { waiting.Drain(t.Context(), f.Call) }
		}
	}
	c.gateway, c.files = gateway.New(functions, slog.New(slog.DiscardHandler)), linkHandler(files)
	return c
}

// ask asks with the tenant's key, or of a link without one.
func (c *clocked) ask(method, target, body string) (int, string, http.Header) {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, target, strings.NewReader(body))
	h := c.gateway
	switch {
	case strings.HasPrefix(r.URL.Path, directory.Path):
		h = c.files
	case !strings.HasPrefix(target, "/public/"):
		r.Header.Set("Authorization", "Bearer all")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	raw, err := io.ReadAll(w.Result().Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return w.Code, string(raw), w.Header()
}

func TestAPublicLinkEndsWhenItWasSaidTo(t *testing.T) {
	c := newClocked(t)
	_, body, _ := c.ask("POST", "/v1/exports/agents/links", `{"expiresAt": "2026-03-02T13:00:00Z"}`)
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || made.Token == "" {
		t.Fatalf("%s, %v", body, err)
	}
	for _, later := range []time.Duration{0, time.Hour - time.Millisecond} {
		c.now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).Add(later)
		if status, body, _ := c.ask("GET", "/public/"+made.Token, ""); status != 200 {
			t.Errorf("%s later it is %d %s", later, status, body)
		}
	}
	c.now = c.now.Add(time.Millisecond)
	status, body, header := c.ask("GET", "/public/"+made.Token, "")
	_, unknown, _ := c.ask("GET", "/public/none", "")
	if status != 404 || !strings.Contains(body, `"code":"unknown_link"`) || !strings.Contains(body, "There is no such link, or not any more.") || body != unknown || header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("expired it is %d %s; unknown it is %s", status, body, unknown)
	}
	if _, body, _ := c.ask("GET", "/v1/exports/links", ""); !strings.Contains(body, `"expired":true`) {
		t.Errorf("it is listed as %s", body)
	}
}

// What expires by a clock that stands in the past is not deleted because the machine's clock has
// passed it long ago.
func TestALinkOutlastsTheMachinesClock(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2020, 3, 2, 12, 0, 0, 0, time.UTC)
	sys, err := open(t.Context(), options{data: t.TempDir(), now: now}, description, newLog(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sys.close() }()
	if err := tenant.Put(t.Context(), sys.deps.State, tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "UTC"}, Keys: []tenant.Key{{ID: "all", Secret: "all", Scopes: tenant.Scopes()}}}); err != nil {
		t.Fatal(err)
	}
	c := &clocked{t: t, now: now, gateway: sys.gateway()}
	_, body, _ := c.ask("POST", "/v1/exports/agents/links", `{"expiresAt": "2020-03-03"}`)
	token := between(t, body, `"token":"`, `"`)
	if _, err := sys.db.Expire(t.Context(), sys.expired(), 1000); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := c.ask("GET", "/public/"+token, ""); status != 200 {
		t.Errorf("it is %d %s", status, body)
	}
	sys.deps.Now = func() time.Time { return now.AddDate(0, 2, 0) }
	if n, err := sys.db.Expire(t.Context(), sys.expired(), 1000); n == 0 || err != nil {
		t.Errorf("two months later %d records have expired, %v", n, err)
	}
	sys.deps.Now = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	if ahead := time.Until(sys.expired()); ahead > 0 {
		t.Errorf("where the clock stands in the future, records expire %v before it is time", ahead)
	}
}

func TestAFilesLinkEndsAfterAnHour(t *testing.T) {
	c := newClocked(t)
	_, body, _ := c.ask("POST", rawPath, `{"start": "2026-03-01", "end": "2026-03-02", "event": "Message-Sent", "format": "csv.plain"}`)
	id := between(t, body, "w/", `"}`)
	c.jobs()
	c.now = c.now.Add(2 * time.Second) // no job is called completed in its first
	look := func() string {
		_, body, _ := c.ask("GET", rawPath+"/"+id, "")
		if !strings.Contains(body, `"status":"COMPLETED"`) {
			t.Fatalf("the job is %s", body)
		}
		return between(t, body, `href":"`, `"}`)
	}
	link := look()
	for later, want := range map[time.Duration]int{0: 200, time.Hour - time.Second: 200} {
		at := c.now
		c.now = at.Add(later)
		if status, body, _ := c.ask("GET", link, ""); status != want || !strings.HasPrefix(body, "channel_name,") {
			t.Errorf("%s later it is %d %s", later, status, body)
		}
		c.now = at
	}
	c.now = c.now.Add(time.Hour)
	status, body, header := c.ask("GET", link, "")
	if status != 403 || !strings.Contains(body, `"code":"link_refused"`) || !strings.Contains(body, "The link has expired; ask for a new one.") || header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("expired it is %d %s", status, body)
	}
	if status, _, _ := c.ask("GET", look(), ""); status != 200 {
		t.Errorf("a new one is %d", status)
	}
	c.now = c.now.Add(8 * 24 * time.Hour)
	if status, body, _ := c.ask("GET", rawPath+"/"+id, ""); status != 404 {
		t.Errorf("after more than a week the job is %d %s", status, body)
	}
}
