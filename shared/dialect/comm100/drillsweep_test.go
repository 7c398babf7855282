package comm100_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/counter"
	"chatreports/shared/custommetric"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/explain"
	"chatreports/shared/iana"
)

// TestRowsAddUpWhateverHappens is the same over events that make no sense.
func TestRowsAddUpWhateverHappens(t *testing.T) {
	seed := rand.Uint64N(1_000_000) + 1
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	s := newSystem(t, oracle.AfterAny)
	s.sendMerging(oracle.Delivered(oracle.AnyEvents(seed, 400), r), r)
	ranges := [][2]string{
		{"2024-10-26T10:20:30", "2024-10-28T17:11:13"}, {"2024-10-27T02:30:00", "2024-10-27T17:11:13"}, {"2024-10-01T00:00:00", "2024-11-01T00:00:00"},
	}
	s.sweepRows(r, ranges, []string{"", "-03:30", "+05:17", "Europe/Berlin"}, func(filter string) string { return nonsenseValue(filter, pick) })
}

// sendMerging sends events in parts, with merges between some.
func (s *system) sendMerging(events []event.Event, r *rand.Rand) {
	s.t.Helper()
	for rest := events; len(rest) > 0; {
		n := min(len(rest), 1+r.IntN(1+len(events)/5))
		s.send(rest[:n])
		rest = rest[n:]
		if r.IntN(2) == 0 {
			if err := counter.Merge(context.Background(), s.state, s.tenant.ID); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// sweepRows checks rows of all reports.
func (s *system) sweepRows(r *rand.Rand, ranges [][2]string, zones []string, value func(filter string) string) {
	s.t.Helper()
	checked := 0
	for _, report := range comm100.Reports() {
		if report.Realtime || report.Path == "agentStatus" {
			continue
		}
		for _, group := range append(report.Groups, "")[:max(1, len(report.Groups))] {
			for _, filter := range append([]string{"", "*"}, report.Filters...) {
				rg := ranges[r.IntN(len(ranges))]
				q := url.Values{"timeFrom": {rg[0]}, "timeTo": {rg[1]}, "timezone": {zones[r.IntN(len(zones))]}}
				if group != "" {
					q.Set("group", group)
				}
				switch {
				case filter == "*": // all at once
					for _, name := range report.Filters {
						q.Add("filterName", name)
						q.Add("filterValue", value(name))
					}
				case filter != "":
					q.Set("filterName", filter)
					q.Set("filterValue", value(filter))
				}
				askMore(q, report, filter, r)
				q.Del("sort")
				if filter == "*" {
					q.Del("none")
				}
				checked += checkRows(s.t, s, report.Path, q, r)
			}
		}
	}
	s.t.Logf("%d figures", checked)
}

// sayWhich adds the offset to the beginning of an hour that occurs a second time.
func sayWhich(t *testing.T, zone string, item, before map[string]any) {
	t.Helper()
	period, ok := item["time"].(map[string]any)
	if !ok || before["time"].(map[string]any)["from"] != period["from"] {
		return
	}
	loc, err := iana.Zone(zone)
	if err != nil {
		t.Fatal(err)
	}
	const wall = "2006-01-02T15:04:05"
	at, err := time.ParseInLocation(wall, period["from"].(string), loc)
	if err != nil {
		t.Fatal(err)
	}
	for d := time.Hour; d > -2*time.Hour; d -= 30 * time.Minute { // the later of the two
		if second := at.Add(d); second.Format(wall) == period["from"] {
			period["from"] = second.Format(time.RFC3339)
			return
		}
	}
}

// Today's figures are followed to their rows, too; what a tenant does not have is not.
func TestRowsOfToday(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 5))
	s := newSystem(t, oracle.AfterAny.Add(-24*time.Hour))
	var past []event.Event
	for _, e := range oracle.AnyEvents(seed, 600) {
		if e.At <= s.now.UnixMilli() {
			past = append(past, e)
		}
	}
	s.sendMerging(oracle.Delivered(past, r), r)
	q := url.Values{"timezone": {"Asia/Kathmandu"}}
	_, body := s.ask("realtime/today", q)
	rows := 0
	for block, names := range custommetric.Names { // what expressions can name is what is told
		members := body.(map[string]any)[block].(map[string]any)
		if len(members) != len(names) {
			t.Errorf("%s has %d figures, the expressions know %d", block, len(members), len(names))
		}
		for _, name := range names {
			want := members[name]
			e := s.rows(also(also(q, "report", "realtime/today"), "measure", block+"."+name), 1000)
			if d := differ(name, e.Total, want); d != "" {
				t.Error(d)
			}
			for _, sum := range e.Sums {
				if d := differ(sum.Measure, e.sum(sum.Measure, count), value(sum.Count)); d != "" {
					t.Errorf("%s.%s: the rows' %s", block, name, d)
				}
			}
			rows += len(e.Rows)
		}
	}
	if rows == 0 {
		t.Error("no rows at all")
	}
	s.tenant.Edition = "business"
	status, _ := s.explain(explain.RowsPath, also(also(q, "report", "realtime/today"), "measure", "serviceEfficiency.avgWaitTime"))
	if status != 400 {
		t.Errorf("rows of what the edition lacks: status %d", status)
	}
}
