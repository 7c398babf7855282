package comm100_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// system is the whole system, asked without HTTP.
type system struct {
	*trial.System
	t      *testing.T
	state  table.Table
	tenant tenant.Tenant
	now    time.Time
}

func newSystem(t *testing.T, now time.Time) *system {
	t.Helper()
	who := tenant.Tenant{ID: "acme", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	whole, err := trial.Open(t.TempDir(), now, tenant.Entry{Tenant: who})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { whole.Close() })
	return &system{System: whole, t: t, state: whole.State, tenant: who, now: now}
}

// send takes events in, in batches.
func (s *system) send(events []event.Event) {
	s.t.Helper()
	for batch := range slices.Chunk(events, 500) {
		if err := s.Send(batch); err != nil {
			s.t.Fatal(err)
		}
	}
}

// ask asks a report, as JSON values.
func (s *system) ask(path string, query url.Values) (int, any) {
	s.t.Helper()
	return s.answer(comm100.New(s.Journal, s.state), comm100.Prefix+path, query)
}

// answer is what an API answers, refusals in its own shape.
func (s *system) answer(api dialect.API, path string, query url.Values) (int, any) {
	s.t.Helper()
	a, err := api.Answer(context.Background(), &dialect.Request{Tenant: &s.tenant, Path: path, Query: query, Now: s.now})
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		return refused.Status, values(s.t, api.Shape().Body(refused))
	}
	if err != nil {
		s.t.Fatalf("%s?%s: %v", path, query.Encode(), err)
	}
	raw, err := a.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return http.StatusOK, values(s.t, json.RawMessage(raw))
}

// values is a body as JSON gives it back.
func values(t *testing.T, body any) any {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// simulated is a few days of a small contact centre.
func simulated(seed uint64, start time.Time, days int, scale float64) []event.Event {
	var out []event.Event
	for e := range sim.New(sim.Config{Seed: seed, Start: start, End: start.AddDate(0, 0, days), Scale: scale}).Events() {
		out = append(out, e)
	}
	return out
}

// TestSweep compares the product with the slow reference: all reports, groups, crossed and
// compared, filters and zones, over odd ranges, after random delivery.
func TestSweep(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	events := simulated(7, start, 4, 0.05)
	now := start.AddDate(0, 0, 4)
	seed := rand.Uint64()
	t.Logf("seed %d, %d events", seed, len(events))
	r := rand.New(rand.NewPCG(seed, 0))
	s := newSystem(t, now)
	s.send(oracle.Delivered(events, r))
	o := oracle.New(oracle.Tenant{ID: "acme", Edition: "enterprise", AutoAllocation: true, Chatbot: true}, events)
	zones := []string{"", "+08:00", "-03:30", "+05:17", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"}
	ranges := [][2]string{
		{"2026-03-27T00:00:00", "2026-03-31T00:00:00"},
		{"2026-03-28T10:07:13", "2026-03-29T18:22:51"},
		{"2026-03-29T01:00:00", "2026-03-29T04:00:00"},
		{"2025-12-01T00:00:00", "2026-06-01T00:00:00"},
	}
	cases := 0
	for _, report := range comm100.Reports() {
		for _, group := range append(report.Groups, "")[:max(1, len(report.Groups))] {
			for _, filter := range append([]string{""}, report.Filters...) {
				for range 2 {
					q := url.Values{}
					if !report.Realtime {
						rg := ranges[r.IntN(len(ranges))]
						q.Set("timeFrom", rg[0])
						q.Set("timeTo", rg[1])
					}
					if report.Path != "realtime/rightNow" {
						q.Set("timezone", zones[r.IntN(len(zones))])
					}
					if group != "" {
						q.Set("group", group)
						q.Set("compare", []string{"", "", "previous", "lastYear"}[r.IntN(4)])
						if by := report.Groups[len(report.Groups)-1]; r.IntN(3) == 0 && by != group && entity(by) && !entity(group) && q.Get("timeFrom") > "2026" {
							q.Set("by", by)
						}
					}
					askMore(q, report, filter, r)
					if filter != "" {
						q.Set("filterName", filter)
						q.Set("filterValue", filterValue(filter, events, r))
					}
					cases++
					compareAnswers(t, s, o, report.Path, q)
				}
			}
		}
	}
	t.Logf("%d questions", cases)
}

// askMore asks for some of what is ours.
func askMore(q url.Values, report comm100.Report, filter string, r *rand.Rand) {
	flag := []string{"", "true"}
	q.Set("names", flag[r.IntN(2)])
	if report.Path == "rating" {
		q.Set("avgScore", flag[r.IntN(2)])
	}
	if of := cmp.Or(q.Get("by"), q.Get("group")); entity(of) && of != filter && of != "conversionAction" {
		q.Set("none", flag[r.IntN(2)])
	}
	if report.Path == "leaderboard" && entity(q.Get("group")) {
		q.Set("sort", []string{"", "chats", "-avgScore", "p90FirstResponseTime", "-agentUtilization"}[r.IntN(5)])
	}
}

// entity says whether a group is one of entities.
func entity(group string) bool {
	return slices.Contains([]string{"agent", "department", "campaign", "visitorSegment", "autoInvitation", "conversionAction"}, group)
}

func filterValue(filter string, events []event.Event, r *rand.Rand) string {
	for range 10000 {
		d := &events[r.IntN(len(events))].Data
		v := ""
		switch filter {
		case "department":
			v = d.DepartmentID
		case "campaign":
			v = d.Campaign()
		case "agent":
			v = d.AgentID
		case "conversion":
			v = d.ActionID
		case "category":
			v = d.CannedCategoryID
		case "visitorSegment":
			if len(d.SegmentIDs) > 0 {
				v = d.SegmentIDs[0]
			}
		}
		if v != "" {
			return v
		}
	}
	return "nobody"
}

func compareAnswers(t *testing.T, s *system, o *oracle.Oracle, path string, q url.Values) {
	t.Helper()
	wantStatus, wantBody := o.Comm100(comm100.Prefix+path, q, s.now)
	status, body := s.ask(path, q)
	want := values(t, wantBody)
	if status != wantStatus {
		t.Errorf("%s?%s: status %d, want %d: %v", path, q.Encode(), status, wantStatus, body)
		return
	}
	if diff := differ("", body, want); diff != "" {
		t.Errorf("%s?%s: %s", path, q.Encode(), diff)
	}
}

// differ says where two JSON values differ; numbers to one part in a billion.
func differ(at string, got, want any) string {
	switch w := want.(type) {
	case float64:
		g, ok := got.(float64)
		if !ok || math.Abs(g-w) > 1e-9*math.Max(1, math.Abs(w)) {
			return fmt.Sprintf("%s is %v, want %v", at, got, want)
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s has %d items, want %d: %.300v, want %.300v", at, len(g), len(w), got, want)
		}
		for i := range w {
			if d := differ(fmt.Sprintf("%s[%d]", at, i), g[i], w[i]); d != "" {
				return d
			}
		}
		return ""
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s is %v, want %v", at, got, want)
		}
		for k := range w {
			if _, ok := g[k]; !ok {
				return fmt.Sprintf("%s lacks %s", at, k)
			}
			if d := differ(at+"."+k, g[k], w[k]); d != "" {
				return d + fmt.Sprintf(" in %v", g)
			}
		}
		return ""
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	return ""
}
