package comm100_test

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/event"
)

func params(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q
}

// TestSeveralFilters: what counts under two filters is what the reference counts
// under one of them over the events of the other.
func TestSeveralFilters(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	events := simulated(11, start, 2, 0.05)
	s := newSystem(t, start.AddDate(0, 0, 2))
	s.send(events)
	r := rand.New(rand.NewPCG(1, 1))
	department, campaign := filterValue("department", events, r), filterValue("campaign", events, r)
	of := map[string]bool{}
	for _, e := range events {
		if e.Type == "chat.requested" && e.Data.Campaign() == campaign {
			of[e.Subject] = true
		}
	}
	ofCampaign := slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool {
		kind, id := e.Entity()
		return kind == "chat" && !of[id]
	})
	o := oracle.New(oracle.Tenant{Edition: "enterprise"}, ofCampaign)
	for _, group := range []string{"day", "halfHourDistribution", "department", "visitorSegment"} {
		q := params("timeFrom", "2026-03-27T00:07:00", "timeTo", "2026-03-28T23:00:00", "group", group, "filterName", "department", "filterValue", department)
		_, want := o.Comm100("/api/v3/livechat/reports/chatVolume", q, s.now)
		q.Add("filterName", "campaign")
		q.Add("filterValue", campaign)
		status, got := s.ask("chatVolume", q)
		if diff := differ("", got, values(t, want)); status != 200 || diff != "" {
			t.Errorf("by %s: status %d, %s", group, status, diff)
		}
	}
}

// TestPercentiles: the 100th is the longest, and they never fall.
func TestPercentiles(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, start.AddDate(0, 0, 2))
	s.send(simulated(11, start, 2, 0.1))
	for _, group := range []string{"day", "department", "24*7Distribution"} {
		q := params("timeFrom", "2026-03-27T00:00:00", "timeTo", "2026-03-29T00:00:00", "group", group)
		_, plain := s.ask("waitTime", q)
		q.Set("percentiles", "50,90,99.9,100")
		_, got := s.ask("waitTime", q)
		some := false
		for i, item := range got.([]any) {
			row := item.(map[string]any)
			p := row["waitTimePercentiles"].(map[string]any)
			p50, p90, p100 := p["p50"].(float64), p["p90"].(float64), p["p100"].(float64)
			if p50 > p90 || p90 > p["p99.9"].(float64) || p["p99.9"].(float64) > p100 {
				t.Errorf("by %s: percentiles fall: %v", group, p)
			}
			if longest, ok := row["maxWaitTime"]; ok && longest != p100 {
				t.Errorf("by %s: the 100th percentile is %v, the longest wait %v", group, p100, longest)
			}
			some = some || p100 > 0
			delete(row, "waitTimePercentiles")
			delete(row, "waitTimeOfMissedChatsPercentiles")
			if diff := differ("", any(row), plain.([]any)[i]); diff != "" {
				t.Errorf("by %s: percentiles changed the rest: %s", group, diff)
			}
		}
		if !some {
			t.Errorf("by %s: nobody waited", group)
		}
	}
}

// TestComparePrevious: "previous" is what the same question over the range before
// answers; a month is compared with the month before, however long.
func TestComparePrevious(t *testing.T) {
	start := time.Date(2026, 2, 24, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, start.AddDate(0, 0, 10))
	s.send(simulated(11, start, 10, 0.02))
	for _, c := range []struct{ from, to, before, group string }{
		{"2026-03-01T00:00:00", "2026-04-01T00:00:00", "2026-02-01T00:00:00", "department"},
		{"2026-03-01T00:00:00", "2026-04-01T00:00:00", "2026-02-01T00:00:00", "week"},
		{"2026-02-27T09:00:00", "2026-02-28T09:00:00", "2026-02-26T09:00:00", "hour"},
		{"2026-02-27T09:00:00", "2026-02-27T15:30:00", "2026-02-27T02:30:00", "campaign"},
		{"2026-02-27T00:00:00", "2026-03-01T00:00:00", "2026-02-25T00:00:00", "24*7Distribution"},
	} {
		q := params("timeFrom", c.from, "timeTo", c.to, "group", c.group, "compare", "previous")
		_, got := s.ask("chatVolume", q)
		_, before := s.ask("chatVolume", params("timeFrom", c.before, "timeTo", c.from, "group", c.group))
		rows := got.([]any)
		for i, item := range rows {
			previous, ok := item.(map[string]any)["previous"]
			if !ok {
				t.Fatalf("%s: row %d has no previous", c.group, i)
			}
			if i >= len(before.([]any)) {
				if previous != nil {
					t.Errorf("%s: row %d has a previous of nothing", c.group, i)
				}
				continue
			}
			want := before.([]any)[i].(map[string]any)
			delete(want, "departmentId")
			delete(want, "campaignId")
			if diff := differ("", previous, any(want)); diff != "" {
				t.Errorf("%s: row %d: %s", c.group, i, diff)
			}
		}
		if len(rows) == 0 {
			t.Errorf("%s: no rows", c.group)
		}
	}
}

// TestHoursComparedByTheClock: on the day after a change of clocks and on the day of it
// an hour is compared with the one at which the clock showed the same.
func TestHoursComparedByTheClock(t *testing.T) {
	s := newSystem(t, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	// In Berlin 02:00 is skipped on 29 March, and comes twice on 25 October: at 00:00Z, with one visit, and at 01:00Z.
	var events []event.Event
	for i, at := range []string{"2026-03-29T01:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"} {
		begin, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event.Event{ID: at, Source: "test", Type: "visit.started", Subject: string(rune('a' + i)), At: begin.UnixMilli()})
	}
	s.send(events)
	for _, c := range []struct {
		day, next string
		rows      int
		previous  map[int]any // visits of the previous where not 0; nil: no previous
	}{
		{"2026-03-29", "2026-03-30", 23, nil},
		{"2026-03-30", "2026-03-31", 24, map[int]any{2: nil, 3: 1.0}},
		{"2026-10-25", "2026-10-26", 25, map[int]any{3: nil}},
		{"2026-10-26", "2026-10-27", 24, map[int]any{2: 1.0}},
	} {
		_, got := s.ask("visits", params("timezone", "Europe/Berlin", "timeFrom", c.day+"T00:00:00", "timeTo", c.next+"T00:00:00", "group", "hour", "compare", "previous"))
		rows := got.([]any)
		if len(rows) != c.rows {
			t.Fatalf("%s has %d hours, want %d", c.day, len(rows), c.rows)
		}
		for i, item := range rows {
			row := item.(map[string]any)
			clock := func(row map[string]any) string { return row["time"].(map[string]any)["from"].(string)[11:] }
			want, said := c.previous[i]
			previous, ok := row["previous"].(map[string]any)
			switch {
			case said && want == nil:
				if ok {
					t.Errorf("%s, hour %d: previous is %v, want none", c.day, i, previous)
				}
				continue
			case !ok || clock(previous) != clock(row):
				t.Errorf("%s, hour %d is %s, previous %v", c.day, i, clock(row), previous)
				continue
			case !said:
				want = 0.0
			}
			if previous["visits"] != want {
				t.Errorf("%s, hour %d: previous is %v, want %v", c.day, i, previous["visits"], want)
			}
		}
	}
}

func TestWrongParametersOfOurs(t *testing.T) {
	s := newSystem(t, time.Now())
	for _, c := range []struct{ name, value string }{
		{"percentiles", "0"},
		{"percentiles", "101"},
		{"percentiles", "a"},
		{"percentiles", "NaN"},
		{"percentiles", "1,2,3,4,5,6,7,8,9,10,11"},
		{"compare", "next"},
		{"weekStart", "friday"},
	} {
		q := params("timeFrom", "2026-03-27T00:00:00", "timeTo", "2026-03-29T00:00:00", "group", "day", c.name, c.value)
		if status, body := s.ask("waitTime", q); status != 400 {
			t.Errorf("%s=%s: %d %v", c.name, c.value, status, body)
		}
	}
	q := params("timeFrom", "2026-03-27T00:00:00", "timeTo", "2026-03-29T00:00:00", "group", "day",
		"filterName", "campaign", "filterValue", "a", "filterName", "campaign", "filterValue", "b")
	if status, body := s.ask("chatVolume", q); status != 400 {
		t.Errorf("the same filter twice: %d %v", status, body)
	}
}
