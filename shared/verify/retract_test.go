package verify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

// corrected is events of which some are taken back, and some are told again under another
// id or at another time under the same.
func corrected(events []event.Event, r *rand.Rand) []event.Event {
	out := events
	for i, n := 0, len(events); i < n; i++ {
		e := events[i]
		rare := e.Type == "conversion.recorded" || e.Type == "agent.status_changed" || e.Type == "agent.updated" || e.Type == "chat.requested"
		switch {
		case r.IntN(40) == 0, rare && r.IntN(8) == 0:
			out = append(out, retraction(fmt.Sprint("take-back-", i), &e, e.At+int64(r.IntN(100_000))-50_000))
		case r.IntN(40) == 0:
			e.At += int64(r.IntN(20_000))
			out = append(out, e)
		case e.Type == "message.sent" && r.IntN(10) == 0: // the same message under another id
			e.ID, e.At = fmt.Sprint("again-", i), e.At+int64(r.IntN(90_000))
			out = append(out, e)
		}
	}
	return out
}

// retraction takes an event back.
func retraction(id string, e *event.Event, at int64) event.Event {
	return event.Event{ID: id, Source: e.Source, Type: event.Retracted, Subject: e.Subject, At: at, Data: event.Data{Type: e.Type, ID: e.ID}}
}

// mistakes are an event of each kind of entity, and others beside it.
func mistakes() map[string][]event.Event {
	name := "n"
	e := func(id, typ, subject string, after int64, d event.Data) event.Event {
		return event.Event{ID: id, Source: "s", Type: typ, Subject: subject, At: start.Add(9*time.Hour).UnixMilli() + after*1000, Data: d}
	}
	visit := func(id string, after int64) event.Event {
		return e(id, "visit.started", "v", after, event.Data{SessionID: "x"})
	}
	status := func(id, status string, after int64) event.Event {
		return e(id, "agent.status_changed", "ann", after, event.Data{Status: status})
	}
	converted := func(chat string) event.Event {
		return e("k", "conversion.recorded", "v", 0, event.Data{ActionID: "buy", Value: 1, ChatID: chat})
	}
	request := e("q", "chat.requested", "c", -60, event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"})
	accepted := e("a", "chat.accepted", "c", 0, event.Data{AgentID: "ann"})
	other := e("b", "chat.accepted", "c", 9, event.Data{AgentID: "bob"})
	agent := e("u", "agent.updated", "ann", 0, event.Data{Username: &name, DepartmentIDs: &[]string{"d"}})
	return map[string][]event.Event{
		"the request of a chat":           {request, accepted},
		"an acceptance":                   {accepted, request, other},
		"all of a chat":                   {request},
		"a visit":                         {visit("v1", 0), visit("v2", 10), visit("v3", 4000)},
		"the last visit of an hour":       {visit("v1", 20), visit("v2", 10), visit("v3", 4000)},
		"the last status of a day":        {status("s1", "online", 90), status("s2", "away", 60), status("s3", "offline", 100_000)},
		"the only visit":                  {visit("v1", 0)},
		"a status":                        {status("s1", "online", 0), status("s2", "away", 60), status("s3", "offline", 100_000)},
		"the only status":                 {status("s1", "online", 0)},
		"a status of a day before":        {status("s1", "online", -100_000), status("s2", "away", 60)},
		"an agent's announcement":         {agent, status("s2", "away", 60)},
		"an announcement after a status":  {e("u", "agent.updated", "ann", 90, event.Data{Username: &name}), status("s2", "away", 60)},
		"an announcement of a day before": {agent, status("s2", "away", 100_000)},
		"an announcement":                 {e("u", "department.updated", "d", 0, event.Data{Name: &name})},
		"a message":                       {e("m", "offline_message.submitted", "m1", 0, event.Data{From: "queue"})},
		"a conversion":                    {converted(""), visit("v2", 10)},
		"a conversion of a chat":          {converted("c"), request, accepted},
	}
}

// TestWhatIsTakenBackCountsNowhere: an event and its retraction, in any order of arrival
// and of folding, come to the same as if neither had ever been sent.
func TestWhatIsTakenBackCountsNowhere(t *testing.T) {
	for name, events := range mistakes() {
		t.Run(name, func(t *testing.T) {
			never := newSystem(t, start.Add(48*time.Hour))
			if err := apply(never.folder(), never.append(events[1:]), 10); err != nil {
				t.Fatal(err)
			}
			want := never.answers()
			back := retraction("r", &events[0], events[0].At+3_000_000)
			for _, order := range [][]event.Event{append(events, back), append([]event.Event{back}, events...)} {
				r := source(t)
				s := newSystem(t, never.now)
				var items []table.Item
				for i := range order { // each is a request of its own
					items = s.append(order[i : i+1])
				}
				for range 8 {
					s := s.empty()
					f, some := s.folder(), delivered(items, r)
					for len(some) > 0 {
						n := min(1+r.IntN(4), len(some))
						if err := apply(f, some[:n], n); err != nil {
							t.Fatal(err)
						}
						some = some[n:]
					}
					s.same(want)
				}
			}
		})
	}
}

// TestTakenBackAndFoldedAtOnce: one folds an event, another its retraction, whichever of
// their calls come first. Who is interrupted has folded before, or has not.
func TestTakenBackAndFoldedAtOnce(t *testing.T) {
	for name, events := range mistakes() {
		back := retraction("r", &events[0], events[0].At)
		never := newSystem(t, start.Add(48*time.Hour))
		if err := apply(never.folder(), never.append(events[1:]), 10); err != nil {
			t.Fatal(err)
		}
		want := never.answers()
		for n := range 4 {
			backFirst, before := n%2 == 0, n/2 == 0
			for k := 1; ; k++ {
				s := newSystem(t, never.now)
				appended := s.fresh()
				between := &interrupted{Table: s.state}
				one, another := fold.New(s.journal, between, s.clock), s.folder()
				if !before {
					one, another = another, one
				}
				if err := apply(one, appended(events[1:]...), 10); err != nil {
					t.Fatal(err)
				}
				if !before {
					one, another = another, one
				}
				first, other := appended(back), appended(events[0])
				if !backFirst {
					first, other = other, first
				}
				between.calls, between.k = 0, k
				between.what = func() {
					if err := apply(another, other, 10); err != nil {
						t.Error(err)
					}
				}
				if err := apply(one, first, 10); err != nil {
					t.Fatal(err)
				}
				if between.calls < k {
					break
				}
				t.Run(fmt.Sprintf("%s, before call %d, retraction first: %v, folded before: %v", name, k, backFirst, before), func(t *testing.T) {
					s.t = t
					s.alike(want)
				})
			}
		}
	}
}

// TestWhatAnotherTookBackIsKnown: a folder that has seen that nothing was ever taken back
// hears of it when another folds a retraction, whatever comes in next: also what adds
// nothing to the counters.
func TestWhatAnotherTookBackIsKnown(t *testing.T) {
	for name, events := range mistakes() {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t, start.Add(48*time.Hour))
			one, another := s.folder(), s.folder()
			appended := s.fresh()
			fold := func(f *fold.Folder, events ...event.Event) {
				t.Helper()
				if err := apply(f, appended(events...), 10); err != nil {
					t.Fatal(err)
				}
			}
			fold(one, events[1:]...)
			fold(another, retraction("r", &events[0], events[0].At))
			fold(one, events[0])
			s.verify()
		})
	}
}

// TestAConversionAndItsRetractionMeet: sent by two at once, or by one that dies on its
// way and sends it again, the conversion of a chat counts nowhere.
func TestAConversionAndItsRetractionMeet(t *testing.T) {
	events := mistakes()["a conversion of a chat"]
	back := []event.Event{retraction("r", &events[0], events[0].At)}
	ctx := context.Background()
	check := func(s *system) {
		t.Helper()
		if err := apply(s.folder(), s.append(nil), 10); err != nil {
			t.Fatal(err)
		}
		s.verify()
		h, err := journal.New(s.journal).Read(ctx, journal.Entity{Tenant: acme, Kind: "chat", ID: "c"}, -1<<63, 1<<63-1)
		if err != nil || len(h.Events) != 2 || len(h.LeftOut) != 1 {
			t.Fatalf("the chat has %d events, and %d left out: %v", len(h.Events), len(h.LeftOut), err)
		}
	}
	for _, order := range [][2][]event.Event{{events, back}, {back, events}} {
		for k := 1; ; k++ {
			s := newSystem(t, start.Add(48*time.Hour))
			between := &interrupted{Table: s.journal, k: k, what: func() { s.append(order[1]) }}
			if _, err := journal.New(between).Append(ctx, acme, order[0], s.now); err != nil {
				t.Fatal(err)
			}
			if between.calls < k {
				break
			}
			check(s)
		}
		for _, fault := range []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly} {
			for k := 1; ; k++ {
				s := newSystem(t, start.Add(48*time.Hour))
				s.append(order[0])
				plan := tabletest.CrashAt(k, fault)
				_, err := journal.New(tabletest.NewFaulty(s.journal, plan)).Append(ctx, acme, order[1], s.now)
				if plan.Calls() < k {
					break
				}
				if err == nil {
					t.Fatalf("%v went unnoticed", plan.Log())
				}
				s.append(order[1])
				check(s)
			}
		}
	}
}

// TestAnAgentThatWasNeverAnnouncedIsNotInTheDirectory: what announced it is taken back in
// the batch that begins its next day.
func TestAnAgentThatWasNeverAnnouncedIsNotInTheDirectory(t *testing.T) {
	events := mistakes()["an announcement of a day before"]
	s := newSystem(t, start.Add(48*time.Hour))
	if err := apply(s.folder(), s.append(events[:1]), 10); err != nil {
		t.Fatal(err)
	}
	more := s.append([]event.Event{events[1], retraction("r", &events[0], events[0].At)})
	if err := apply(s.folder(), more[1:], 10); err != nil {
		t.Fatal(err)
	}
	s.verify()
}
