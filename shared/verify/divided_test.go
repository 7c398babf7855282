package verify_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// TestKnownValuesChangeNothing: whatever is known of the values there are, and
// whatever their ids look like, a report says the same.
func TestKnownValuesChangeNothing(t *testing.T) {
	r := source(t)
	ids := []string{"ab", "ab-c", "ab/c", "ab%", "ab ", "ab~", "ab.", "ab0", "a", "abc", "ä", "日本", "%", "/", "0", "~", "\x7f", "A", "𐍈", "\uffff"}
	s := newSystem(t, start.Add(40*time.Hour))
	var events []event.Event
	add := func(kind, subject string, at time.Duration, d event.Data) {
		events = append(events, event.Event{ID: fmt.Sprint(len(events)), Source: "s", Type: kind, Subject: subject, At: start.Add(at).UnixMilli(), Data: d})
	}
	for i, id := range ids {
		for n := range 1 + i%3 {
			chat, at := fmt.Sprint("c", i, "-", n), time.Duration(r.IntN(30*3600))*time.Second
			add("agent.status_changed", id, at, event.Data{Status: "online"})
			add("chat.requested", chat, at, event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: ids[r.IntN(len(ids))], CampaignID: &ids[r.IntN(len(ids))]})
			add("chat.accepted", chat, at+10*time.Minute, event.Data{AgentID: id})
			if n > 0 {
				add("chat.closed", chat, at+time.Duration(r.IntN(5*3600))*time.Second, event.Data{By: &event.Actor{Type: "system"}})
			}
		}
	}
	f := s.folder()
	items := delivered(s.append(events), r)
	for len(items) > 0 {
		n := min(len(items), 1+r.IntN(40))
		if err := apply(f, items[:n], 100); err != nil {
			t.Fatal(err)
		}
		items = items[n:]
		if r.IntN(2) == 0 {
			s.merge()
		}
	}
	s.verify()
	for range 60 {
		q := s.query(r)
		q.By = []measure.Dim{measure.Agent, measure.Department, measure.Campaign}[r.IntN(3)]
		if r.IntN(3) == 0 && q.By == measure.Agent {
			q.Where = []measure.Value{{Dim: measure.Department, ID: ids[r.IntN(len(ids))]}}
		}
		q.Want = append(q.Want, report.Want{Measure: []measure.ID{measure.Chats, measure.LinearChatTime, measure.LoggedIn, measure.MaxQueueSize, measure.ChatLength}[r.IntN(5)]})
		want := s.total(s.state, q)
		for range 3 {
			s.know(r, q.By.String(), append([]string{"", "aa", "zz"}, ids...))
			if got := s.total(s.state, q, q.By.String()); got != want {
				t.Fatalf("%+v:\n%s\nwant\n%s", q, got, want)
			}
		}
	}
}

// know leaves some of the ids, and no others, in the directory.
func (s *system) know(r *rand.Rand, kind string, ids []string) {
	s.t.Helper()
	raw, err := (&fact.Fact{Entry: &fact.Entry{}}).Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, id := range ids {
		op := table.Op{Item: table.Item{Key: facts.EntryKey(journal.Entity{Tenant: acme, Kind: kind, ID: id}), Value: raw, Version: 1}}
		if r.IntN(3) == 0 {
			op.Verb = table.Delete
		}
		if err := s.state.Write(s.t.Context(), op); err != nil {
			s.t.Fatal(err)
		}
	}
}
