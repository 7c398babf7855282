package conversation24_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/link"
	"chatreports/shared/tenant"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// scoped are acme's keys: one with every scope, and one with each alone.
func scoped() []tenant.Key {
	keys := []tenant.Key{{ID: "all", Secret: "all", Scopes: tenant.Scopes()}}
	for _, scope := range tenant.Scopes() {
		keys = append(keys, tenant.Key{ID: scope, Secret: "only " + scope, Scopes: []string{scope}})
	}
	return keys
}

type system struct {
	*trial.System
	t *testing.T
}

// newSystem has two tenants, acme with an agent and other with another.
func newSystem(t *testing.T) *system {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise}, Keys: scoped()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := tenant.Put(t.Context(), s.State, tenant.Entry{
		Tenant: tenant.Tenant{ID: "other", Zone: "UTC", Edition: tenant.Enterprise},
		Keys:   []tenant.Key{{ID: "other", Secret: "other", Scopes: tenant.Scopes()}},
	}); err != nil {
		t.Fatal(err)
	}
	name := "acmes-agent"
	if err := s.Send([]event.Event{{
		ID: "1", Source: "s", Type: "agent.updated", Subject: "7", At: now.Add(-time.Hour).UnixMilli(), Data: event.Data{Username: &name},
	}}); err != nil {
		t.Fatal(err)
	}
	return &system{s, t}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// ask asks with a key, or without one if it is empty.
func (s *system) ask(key, method, target, body string) answer {
	s.t.Helper()
	header := http.Header{}
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	r, err := s.Request(method, target, header, body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{r.StatusCode, r.Header, string(raw)}
}

// told is a link as it is told.
type told struct {
	ID, Report, From, To, Campaign, Format, Token, URL, Key, CreatedAt string
	SpreadsheetSafe, Expired                                           bool
	ExpiresAt, UsedAt                                                  *string
}

func (s *system) link(report, body string) told {
	s.t.Helper()
	a := s.ask("all", "POST", "/v1/exports/"+report+"/links", body)
	var l told
	if err := json.Unmarshal([]byte(a.body), &l); err != nil || a.status != 201 {
		s.t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	return l
}

func (s *system) listed() []told {
	s.t.Helper()
	var list struct{ Links []told }
	a := s.ask("all", "GET", "/v1/exports/links", "")
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 {
		s.t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	return list.Links
}

func TestALinkAnswersItsReportAsItWasSet(t *testing.T) {
	s := newSystem(t)
	for _, c := range []struct{ report, body, same string }{
		{"agents", "", "agents"},
		{"agents", "{}", "agents"},
		{"agents", `{"format": "csv", "spreadsheetSafe": true}`, "agents?spreadsheetSafe=true"},
		{"agent-activity", `{"from": "2026-03-01", "to": "2026-03-02T06:00:00+01:00", "campaign": "k"}`, "agent-activity?from=2026-03-01&to=2026-03-02T05:00:00Z&campaign=k"},
		{"hosts", `{"from": null, "expiresAt": "2026-03-02T12:00:00.001Z"}`, "hosts"},
		{"slots", `{"expiresAt": "2026-03-03", "names": true}`, "slots?names=true"},
	} {
		l := s.link(c.report, c.body)
		if l.URL != "http://localhost/public/"+l.Token || len(l.Token) < 26 || l.Report != c.report {
			t.Errorf("%s %s: %+v", c.report, c.body, l)
		}
		want, got := s.ask("all", "GET", "/v1/exports/"+c.same, ""), s.ask("", "GET", "/public/"+l.Token, "")
		if got.status != 200 || got.body != want.body || got.header.Get("Content-Type") != want.header.Get("Content-Type") || got.header.Get("Counted-Until") == "" {
			t.Errorf("%s %s: %d %q, want %q", c.report, c.body, got.status, got.body, want.body)
		}
	}
}

func TestALinkIsListedWithoutItsToken(t *testing.T) {
	s := newSystem(t)
	a := s.link("traffic", `{"from": "2026-03-01", "expiresAt": "2026-03-05"}`)
	b := s.link("agents", `{"spreadsheetSafe": true}`)
	s.ask("", "GET", "/public/"+b.Token, "")
	raw := s.ask("only reports:read", "GET", "/v1/exports/links", "").body
	if strings.Contains(raw, a.Token) || strings.Contains(raw, "token") || strings.Contains(raw, "url") {
		t.Errorf("the list tells tokens: %s", raw)
	}
	list := s.listed()
	slices.SortFunc(list, func(a, b told) int { return strings.Compare(b.Report, a.Report) })
	if len(list) != 2 || list[0].ID != a.ID || list[1].ID != b.ID {
		t.Fatalf("%+v", list)
	}
	l := list[0]
	if l.From != "2026-03-01" || l.To != "" || *l.ExpiresAt != "2026-03-05T00:00:00.000Z" || l.CreatedAt != "2026-03-02T12:00:00.000Z" || l.Key != "all" || l.Expired || l.UsedAt != nil {
		t.Errorf("%+v", l)
	}
	if l = list[1]; l.UsedAt == nil || *l.UsedAt != "2026-03-02T12:00:00.000Z" || !l.SpreadsheetSafe || l.ExpiresAt != nil {
		t.Errorf("%+v", l)
	}
}

func TestWhatIsNoLinkIsRefusedInWords(t *testing.T) {
	s := newSystem(t)
	for _, c := range []struct {
		report, body string
		status       int
		code, detail string
	}{
		{"agent", `{}`, 404, "unknown_report", `There is no export \"agent\"; agents was probably meant; there are agent-activity,`},
		{"agents", `{"form": 1}`, 400, "unknown_member", "Member 'form' is unknown. Known members: from, to, format, spreadsheetSafe, names, expiresAt."},
		{"slots", `{"token": "x"}`, 400, "unknown_member", "Known members: from, to, campaign, format, spreadsheetSafe, names, expiresAt."},
		{"slots", `{"from": 5}`, 400, "invalid_parameter", "Parameter 'from' is invalid: it is neither a string nor a truth value."},
		{"slots", `{"from": "2026-03-02", "to": "2026-03-01"}`, 400, "invalid_parameter", "Parameter 'to' is invalid: it must be later than 'from'."},
		{"slots", `{"from": "x"}`, 400, "invalid_parameter", "Parameter 'from' is invalid"},
		{"slots", `{"format": "xlsx"}`, 400, "invalid_parameter", `\"xlsx\" is none of`},
		{"slots", `{"expiresAt": "2026-03-02T12:00:00Z"}`, 400, "invalid_parameter", "Parameter 'expiresAt' is invalid: 2026-03-02T12:00:00Z is past"},
		{"slots", `{"expiresAt": "soon"}`, 400, "invalid_parameter", "Parameter 'expiresAt' is invalid"},
		{"slots", `{"expiresAt": ""}`, 400, "invalid_parameter", `is invalid: \"\" is neither a moment such as`},
		{"slots", `[]`, 400, "malformed_body", "The body is no JSON object; it would be one of from,"},
		{"slots", `null`, 400, "malformed_body", "The body is no JSON object"},
		{"slots", `{"from"`, 400, "malformed_body", "The body is no JSON object"},
		{"slots", `{"from": "` + strings.Repeat("x", 20000) + `"}`, 413, "too_large", "The body is larger than 16384 bytes"},
	} {
		a := s.ask("all", "POST", "/v1/exports/"+c.report+"/links", c.body)
		if a.status != c.status || !strings.Contains(a.body, `"code":"`+c.code+`"`) || !strings.Contains(a.body, c.detail) || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.60s: %d %s", c.report, c.body, a.status, a.body)
		}
	}
	if list := s.listed(); len(list) != 0 {
		t.Errorf("links were made: %+v", list)
	}
	l := s.link("agents", "")
	for _, target := range []string{"/v1/exports/agents/links?x=1", "/v1/exports/links?x=1", "/v1/exports/links/" + l.ID + "?x=1", "/public/" + l.Token + "?format=csv", "/public/" + l.Token + "?%zz", "/public/x?from=1"} {
		method := "GET"
		if strings.HasSuffix(target, "agents/links?x=1") {
			method = "POST"
		} else if strings.Contains(target, l.ID) {
			method = "DELETE"
		}
		if a := s.ask("all", method, target, ""); a.status != 400 || !strings.Contains(a.body, "unknown_parameter") {
			t.Errorf("%s %s: %d %s", method, target, a.status, a.body)
		}
	}
	if len(s.listed()) != 1 {
		t.Error("a refused DELETE revoked the link")
	}
}

// What is no link any more is answered as what never was one: nobody learns which.
func TestDeadLinksAreAllAlike(t *testing.T) {
	s := newSystem(t)
	byToken, byID := s.link("agents", ""), s.link("agents", "")
	if a := s.ask("all", "DELETE", "/v1/exports/links/"+byToken.Token, ""); a.status != 204 || a.body != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.ask("only exports:write", "DELETE", "/v1/exports/links/"+byID.ID, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.ask("all", "DELETE", "/v1/exports/links/"+byID.ID, ""); a.status != 404 || !strings.Contains(a.body, "unknown_link") {
		t.Errorf("revoked again: %d %s", a.status, a.body)
	}
	expired, _, err := link.New(s.State).Make(t.Context(), link.Link{Tenant: "acme", Report: "agents", Created: now.Add(-2 * time.Hour), Expires: now})
	if err != nil {
		t.Fatal(err)
	}
	if list := s.listed(); len(list) != 1 || !list[0].Expired {
		t.Errorf("the expired one is listed as %+v", list)
	}
	alive := s.link("agents", "")
	dead := map[string]string{
		"revoked by token": byToken.Token, "revoked by id": byID.Token, "expired": expired, "unknown": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "an id": alive.ID,
		"altered": "A" + alive.Token[1:], "in small letters": strings.ToLower(alive.Token), "longer": alive.Token + "A", "shorter": alive.Token[1:], "odd": "%00%ff'\"", "long": strings.Repeat("A", 2000),
	}
	if strings.HasPrefix(alive.Token, "A") {
		dead["altered"] = "B" + alive.Token[1:]
	}
	want := s.ask("", "GET", "/public/nothing", "")
	if want.status != 404 || !strings.Contains(want.body, `"detail":"There is no such link, or not any more."`) {
		t.Errorf("%d %s", want.status, want.body)
	}
	for _, name := range slices.Sorted(maps.Keys(dead)) {
		for _, key := range []string{"", "all", dead[name]} { // a key opens no link, and a token is none
			if got := s.ask(key, "GET", "/public/"+dead[name], ""); got.status != want.status || got.body != want.body || fmt.Sprint(got.header) != fmt.Sprint(want.header) {
				t.Errorf("%s: %d %s %v", name, got.status, got.body, got.header)
			}
		}
	}
	if a := s.ask("", "GET", "/public/"+alive.Token, ""); a.status != 200 {
		t.Errorf("the one that is left: %d %s", a.status, a.body)
	}
	if err := tenant.Revoke(t.Context(), s.State, "acme"); err != nil {
		t.Fatal(err)
	}
	if a := s.ask("", "GET", "/public/"+alive.Token, ""); a.status != 404 || a.body != want.body {
		t.Errorf("of a tenant without keys: %d %s", a.status, a.body)
	}
}

// A link's use is noted; its token is in no line of the log.
func TestTheTokenIsNotLogged(t *testing.T) {
	s := newSystem(t)
	var log bytes.Buffer
	s.LogTo(&log)
	l := s.link("agents", "")
	for _, target := range []string{l.Token, l.Token + "?x=1", "x" + l.Token} {
		s.ask("", "GET", "/public/"+target, "")
	}
	if text := log.String(); strings.Contains(text, l.Token) || !strings.Contains(text, "a public link is used") || !strings.Contains(text, l.ID) {
		t.Errorf("%s", text)
	}
}
