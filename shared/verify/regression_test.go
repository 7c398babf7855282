package verify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

// TestASpoiltFactKeepsNoOtherFromBeingFolded: only its own events are refused.
func TestASpoiltFactKeepsNoOtherFromBeingFolded(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	ctx := context.Background()
	var events []event.Event
	for n, subject := range []string{"a", "b"} {
		events = append(events,
			event.Event{ID: "1" + subject, Source: "s", Type: "chat.requested", Subject: subject, At: start.UnixMilli() + int64(n), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor"}},
			event.Event{ID: "2" + subject, Source: "s", Type: "chat.closed", Subject: subject, At: start.UnixMilli() + 60_000 + int64(n)},
			event.Event{ID: "3" + subject, Source: "s", Type: "agent.status_changed", Subject: subject, At: start.UnixMilli() + int64(n), Data: event.Data{Status: "online"}},
			event.Event{ID: "4" + subject, Source: "s", Type: "agent.status_changed", Subject: subject, At: start.UnixMilli() + 60_000 + int64(n), Data: event.Data{Status: "away"}},
		)
	}
	items := s.append(events)
	if err := apply(s.folder(), items[:4], 10); err != nil {
		t.Fatal(err)
	}
	for _, key := range []table.Key{{Part: "acme/fact/chat/a", Sort: "-"}, {Part: "acme/fact/agent/b", Sort: "2026-03-02"}} {
		if err := s.state.Write(ctx, table.Op{Item: table.Item{Key: key, Value: []byte("spoilt"), Version: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	failed, err := s.folder().Apply(ctx, items[4:])
	if err != nil {
		t.Fatal(err)
	}
	for i, item := range items[4:] {
		bad := item.Part == "acme/chat/a" || item.Part == "acme/agent/b"
		if (failed[i] != nil) != bad {
			t.Errorf("%s: %v", item.Part, failed[i])
		}
	}
	s.run(optionsOfRebuild, 0)
}

// TestADayThatIsNoAgentsIsMended: something else may stand in the place of an agent's
// day. The next event of the agent mends it, as well as a rebuild.
func TestADayThatIsNoAgentsIsMended(t *testing.T) {
	online := func(id string, at int64) event.Event {
		return event.Event{ID: id, Source: "s", Type: "agent.status_changed", Subject: "a", At: start.UnixMilli() + at, Data: event.Data{Status: id}}
	}
	whole := newSystem(t, start.Add(24*time.Hour))
	items := whole.append([]event.Event{online("online", 0), online("away", 60_000)})
	for _, rebuild := range []bool{true, false} {
		s := whole.empty()
		if err := apply(s.folder(), items[:1], 10); err != nil {
			t.Fatal(err)
		}
		value, err := fact.New("message").Encode()
		if err != nil {
			t.Fatal(err)
		}
		day := table.Item{Key: table.Key{Part: "acme/fact/agent/a", Sort: start.UTC().Format(time.DateOnly)}, Value: value, Version: 1}
		if err := s.state.Write(t.Context(), table.Op{Item: day}); err != nil {
			t.Fatal(err)
		}
		if rebuild {
			s.run(optionsOfRebuild, 0)
		}
		if err := apply(s.folder(), items[1:], 10); err != nil {
			t.Fatal(err)
		}
		s.run(optionsOfRebuild, 0)
		s.verify()
	}
}

// TestAnAgentsEntryComesWithItsLastDay: in a batch of more records than one
// transaction takes, no crash parts them.
func TestAnAgentsEntryComesWithItsLastDay(t *testing.T) {
	full := newSystem(t, start.Add(24*time.Hour))
	name := "name"
	var events []event.Event
	for n, kind := range []string{"department.updated", "campaign.updated"} {
		events = append(events, event.Event{ID: kind, Source: "s", Type: kind, Subject: "x", At: start.UnixMilli() + int64(n), Data: event.Data{Name: &name}})
	}
	for n := range 88 {
		id := fmt.Sprint(n)
		events = append(events, event.Event{ID: id, Source: "s", Type: "agent.updated", Subject: id, At: start.UnixMilli() + 10 + int64(n), Data: event.Data{Name: &name}})
	}
	items := full.append(events)
	calls := tabletest.NewPlan(func(int) tabletest.Fault { return tabletest.None })
	s := full.empty()
	if err := apply(s.with(s.journal, tabletest.NewFaulty(s.state, calls)).folder(), items, 100); err != nil {
		t.Fatal(err)
	}
	s.verify()
	for back := range 6 { // the commits are the last calls
		s := full.empty()
		plan := tabletest.CrashAt(calls.Calls()-back, tabletest.Before)
		if apply(s.with(s.journal, tabletest.NewFaulty(s.state, plan)).folder(), items, 100) == nil {
			t.Fatal("no crash")
		}
		if err := apply(s.folder(), items, 100); err != nil {
			t.Fatal(err)
		}
		s.verify()
	}
}
