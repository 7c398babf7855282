package verify_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/verify"
)

// centre is a system whose events are stored and not folded, the events' items,
// and a system in which they were folded in order, all at once and never merged.
func centre(t *testing.T, r *rand.Rand, length time.Duration, scale float64) (s *system, items []table.Item, right *system) {
	t.Helper()
	s = newSystem(t, start.Add(length))
	items = s.append(corrected(busy(r, length, scale), r))
	right = s.empty()
	if err := apply(right.folder(), items, 200); err != nil {
		t.Fatal(err)
	}
	right.verify()
	return s, items, right
}

// busy is a simulation in which agents took some chats: one of 50 has too few to leave a block of each kind.
func busy(r *rand.Rand, length time.Duration, scale float64) []event.Event {
	for {
		events := simulated(r.Uint64(), start, length, scale)
		accepted := 0
		for _, e := range events {
			if e.Type == "chat.accepted" {
				accepted++
			}
		}
		if accepted >= 4 {
			return events
		}
	}
}

func TestAnyDeliveryGivesTheAnswersOfTheSortedOne(t *testing.T) {
	r := source(t)
	s, items, right := centre(t, r, 30*time.Hour, 0.02)
	want := right.answers()
	right.merge()
	right.same(want)
	for _, batch := range []int{1 + r.IntN(20), 100, 5000} {
		s := s.empty()
		some := delivered(items, r)
		if batch < 100 {
			some = append(items[:len(items)*9/10:len(items)*9/10], delivered(items[len(items)*9/10:], r)...)
		}
		if err := apply(s.folder(), some, batch); err != nil {
			t.Fatal(err)
		}
		s.alike(want)
		s.merge()
		s.same(want)
	}
}

// TestManyAtOnce has four folders, two mergers and a verifier work on the same
// state, over tables that fail now and then in all ways.
func TestManyAtOnce(t *testing.T) {
	r := source(t)
	s, items, right := centre(t, r, 28*time.Hour, 0.012)
	want := right.answers()
	plan := tabletest.Randomly(r.Uint64(), 0.03)
	bad := s.with(tabletest.NewFaulty(s.journal, plan), tabletest.NewFaulty(s.state, plan))
	ctx, stop := context.WithCancel(context.Background())
	var folders, others sync.WaitGroup
	for range 4 {
		mine := rand.New(rand.NewPCG(r.Uint64(), 0))
		some := delivered(items, mine)
		folders.Go(func() {
			f := bad.folder()
			for len(some) > 0 {
				n := min(1+mine.IntN(80), len(some))
				if apply(f, some[:n], n) != nil { // delivered again, perhaps to another
					if mine.IntN(2) == 0 {
						f = bad.folder()
					}
					continue
				}
				some = some[n:]
			}
		})
	}
	for range 2 {
		mine := rand.New(rand.NewPCG(r.Uint64(), 0))
		others.Go(func() {
			for ctx.Err() == nil {
				if mine.IntN(4) == 0 {
					_ = counter.Merge(ctx, bad.state, acme)
				} else {
					_, _ = counter.Bundle(ctx, bad.state, acme)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	verified := 0
	others.Go(func() {
		for ctx.Err() == nil {
			report, err := verify.Run(ctx, s.journal, s.state, verify.Options{Tenant: acme, Tries: 1, Wait: time.Microsecond, Days: 1 + verified%3})
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			verified++
			time.Sleep(20 * time.Millisecond)
			for _, d := range report.Differences {
				if d.What != "fact" { // whose events are on their way
					t.Error("while running:", d)
					return
				}
			}
		}
	})
	folders.Wait()
	stop()
	others.Wait()
	t.Logf("%d faults in %d calls, verified %d times meanwhile", len(plan.Log()), plan.Calls(), verified)
	s.same(want)
}

// TestAnIDUsedTwiceCountsOnce: which of the two counts does not depend on the
// order of delivery but on which was stored first, within a segment.
func TestAnIDUsedTwiceCountsOnce(t *testing.T) {
	r := source(t)
	s := newSystem(t, start.Add(48*time.Hour))
	at := func(hours float64) int64 { return start.Add(time.Duration(hours * float64(time.Hour))).UnixMilli() }
	e := func(id, kind, subject string, hours float64, d event.Data) event.Event {
		return event.Event{ID: id, Source: "s", Type: kind, Subject: subject, At: at(hours), Data: d}
	}
	name, dept := "Ann", []string{"d"}
	items := s.append([]event.Event{
		e("v1", "visit.started", "v", 10, event.Data{SessionID: "a"}), e("v1", "visit.started", "v", 10.5, event.Data{SessionID: "b"}),
		e("v1", "visit.started", "v", 12, event.Data{SessionID: "c"}), e("v2", "visit.started", "v", 12.1, event.Data{SessionID: "c"}),
		e("a1", "agent.status_changed", "ann", 26, event.Data{Status: "online"}), e("a1", "agent.status_changed", "ann", 25, event.Data{Status: "away"}),
		e("a1", "agent.status_changed", "ann", 9, event.Data{Status: "away"}),
		e("a2", "agent.updated", "ann", 8, event.Data{Name: &name, DepartmentIDs: &dept}),
		e("r", "chat.requested", "c", 10, event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}),
		e("r", "chat.requested", "c", 9, event.Data{VisitorID: "w", InitiatedBy: "visitor", Source: "visitor"}),
	})
	var want map[[2]string]string
	for range 10 {
		s := s.empty()
		if err := apply(s.folder(), delivered(items, r), 1+r.IntN(4)); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = s.answers()
		}
		s.alike(want)
		f := s.folder()
		before := s.records()
		for _, e := range []journal.Entity{{Tenant: acme, Kind: "visitor", ID: "v"}, {Tenant: acme, Kind: "agent", ID: "ann"}, {Tenant: acme, Kind: "chat", ID: "c"}} {
			if err := f.Refold(context.Background(), e); err != nil {
				t.Fatal(err)
			}
		}
		if after := s.records(); after != before {
			t.Fatalf("folding again changed something: %d records and versions, before %d", after, before)
		}
	}
}

// records counts records and versions: it changes with everything written.
func (s *system) records() (n uint64) {
	s.t.Helper()
	for item, err := range s.state.Scan(context.Background(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		n += 1 + item.Version
	}
	return n
}

// TestTwoFirstDaysAtOnce: an agent's first two days, folded by two at once, in
// any interleaving of their calls.
func TestTwoFirstDaysAtOnce(t *testing.T) {
	for k := 1; ; k++ {
		s := newSystem(t, start.Add(72*time.Hour))
		on := event.Event{ID: "1", Source: "s", Type: "agent.status_changed", Subject: "a", At: start.Add(time.Hour).UnixMilli(), Data: event.Data{Status: "online"}}
		away := on
		away.ID, away.At, away.Data.Status = "2", on.At+25*3600_000, "away"
		items := s.append([]event.Event{on, away})
		between := &interrupted{Table: s.state, k: k, what: func() {
			if err := apply(s.folder(), items[1:], 1); err != nil {
				t.Error(err)
			}
		}}
		if err := apply(fold.New(s.journal, between, s.clock), items[:1], 1); err != nil {
			t.Fatal(err)
		}
		if between.calls < k {
			break
		}
		s.verify()
	}
}
