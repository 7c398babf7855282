package verify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/event"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/verify"
)

// TestRebuildMendsUnits: what lasts for years is kept by units, of which an audit looks at
// the first day and at those on which anything happens. Whatever is damaged of them, a
// rebuild puts all of their days right.
func TestRebuildMendsUnits(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	long := time.Date(1902, 3, 4, 5, 6, 7, 0, time.UTC)
	at := func(years int, d time.Duration) int64 { return long.AddDate(years, 0, 0).Add(d).UnixMilli() }
	request := event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "x"}
	queue := event.Data{RouteTo: &event.Route{Type: "department", ID: "x"}}
	accept := event.Data{AgentID: "1", DepartmentID: "x"}
	events := []event.Event{
		{ID: "1", Source: "s", Type: "agent.status_changed", Subject: "1", At: at(0, time.Hour), Data: event.Data{Status: "online"}},
		{ID: "2", Source: "s", Type: "chat.requested", Subject: "c1", At: at(0, 0), Data: request},
		{ID: "3", Source: "s", Type: "chat.accepted", Subject: "c1", At: at(1, 0), Data: accept},
		{ID: "4", Source: "s", Type: "chat.closed", Subject: "c1", At: at(60, 0)},
		{ID: "5", Source: "s", Type: "chat.requested", Subject: "c2", At: at(10, 0), Data: request},
		{ID: "6", Source: "s", Type: "chat.queued", Subject: "c2", At: at(10, 0), Data: queue},
		{ID: "7", Source: "s", Type: "chat.abandoned", Subject: "c2", At: at(12, 0)},
		{ID: "8", Source: "s", Type: "chat.requested", Subject: "c3", At: at(11, 0), Data: request},
		{ID: "9", Source: "s", Type: "chat.queued", Subject: "c3", At: at(11, 0), Data: queue},
		{ID: "10", Source: "s", Type: "chat.accepted", Subject: "c3", At: at(11, 100*24*time.Hour), Data: accept},
		{ID: "11", Source: "s", Type: "chat.closed", Subject: "c3", At: at(11, 200*24*time.Hour)},
		{ID: "12", Source: "s", Type: "agent.status_changed", Subject: "1", At: at(100, 0), Data: event.Data{Status: "offline"}},
	}
	if err := apply(s.folder(), s.append(events), 1); err != nil { // what follows from them is of many commits
		t.Fatal(err)
	}
	s.merge()
	// Days in the middle of units, quarters that are cut, and all of it.
	var queries []report.Query
	for _, from := range []int64{at(5, 0), at(10, 3*24*time.Hour), at(11, 50*24*time.Hour), at(11, 150*24*time.Hour), at(30, 0), at(70, 0)} {
		queries = append(queries, report.Query{Buckets: []report.Bucket{{From: from, To: from + 10*cell.DayMillis}}})
	}
	queries = append(queries, report.Query{Buckets: []report.Bucket{{From: at(-1, 0), To: at(101, 0)}}})
	answers := func(s *system) (out []string) {
		for i := range queries {
			q := &queries[i]
			for _, by := range []measure.Dim{measure.None, measure.Agent, measure.Department} {
				q.By, q.Want = by, nil
				for _, id := range []measure.ID{measure.LoggedIn, measure.OnlineAny, measure.LinearChatTime, measure.ChatTime, measure.MaxQueueSize} {
					if m := measure.Get(id); by == measure.None || m.Shape == measure.Level {
						q.Want = append(q.Want, report.Want{Measure: id})
					}
				}
				result := s.result(s.state, q, "agent", "department")
				for _, entity := range []string{"", "1", "x"} {
					for n := range q.Want {
						total := result.At(entity, 0, n)
						out = append(out, fmt.Sprintf("query %d by %s %q %s: %d %d %d", i, by, entity, measure.Get(q.Want[n].Measure).Name, total.N, total.Millis, total.Present()))
					}
				}
			}
		}
		return out
	}
	want := answers(s)
	s.verify()
	ways := map[string]func(table.Item) table.Op{
		"removed": remove, "spoilt": spoil,
		"emptied": func(item table.Item) table.Op {
			item.Value = cell.EncodeBlock(nil)
			if strings.Contains(item.Part, "/detail") {
				item.Value = cell.EncodeDifferences(nil)
			}
			return table.Op{Item: item}
		},
	}
	for _, c := range [][2]string{
		{"block/u1", "spoilt"},
		{"block/u2", "removed"},
		{"block/u", "emptied"},
		{"detail/units", "spoilt"},
		{"detail/units", "removed"},
		{"", "emptied"},
		{"", "spoilt"},
	} {
		part, do := c[0], ways[c[1]]
		t.Run(strings.ReplaceAll(part, "/", " ")+" "+c[1], func(t *testing.T) {
			s := s.copy()
			s.t = t
			damaged := 0
			for item, err := range s.state.Scan(context.Background(), acme+"/") {
				if err != nil {
					t.Fatal(err)
				}
				place, ok, err := cell.PlaceOf(item.Key)
				if err != nil {
					t.Fatal(err)
				}
				if !ok || !place.OfUnits() || !strings.HasPrefix(item.Part, acme+"/"+part) {
					continue
				}
				if err := s.state.Write(context.Background(), do(item)); err != nil {
					t.Fatal(err)
				}
				damaged++
			}
			if damaged == 0 {
				t.Fatal("nothing to damage")
			}
			s.run(optionsOfRebuild, 0)
			for i, got := range answers(s) {
				if got != want[i] {
					t.Errorf("%s, want %s", got, want[i])
				}
			}
			s.run(verify.Options{}, 0)
		})
	}
}
