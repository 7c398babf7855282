package extract_test

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// watched is a table that notes what is queried.
type watched struct {
	table.Table
	mu     sync.Mutex
	ranges []table.Range
	bytes  int
}

func (w *watched) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	w.mu.Lock()
	w.ranges = append(w.ranges, r)
	w.mu.Unlock()
	return func(yield func(table.Item, error) bool) {
		for item, err := range w.Table.Query(ctx, r) {
			w.mu.Lock()
			w.bytes += len(item.Value)
			w.mu.Unlock()
			if !yield(item, err) {
				return
			}
		}
	}
}

// The listing of a day is the detail of its first quarter hour, a small part of the day's.
func TestADayIsListedByOneQuarter(t *testing.T) {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	end := start.Add(30 * time.Hour)
	s := newSystem(t, end)
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 1, Start: start, End: end, Scale: 0.2}).Events() {
		events = append(events, e)
	}
	s.fold(s.append(events), s.state, source(t))
	if err := counter.Merge(t.Context(), s.state, acme); err != nil {
		t.Fatal(err)
	}
	w := &watched{Table: s.state}
	snapshot, err := report.Open(t.Context(), w, acme, end)
	if err != nil {
		t.Fatal(err)
	}
	listing, err := snapshot.Listing()
	if err != nil {
		t.Fatal(err)
	}
	w.ranges, w.bytes = nil, 0
	chats, err := listing.Chats(start.UnixMilli())
	if err != nil || len(chats) < 100 {
		t.Fatalf("%d chats, %v", len(chats), err)
	}
	if len(w.ranges) != 1 || w.ranges[0].Part != acme+"/detail/2026-03-02" || w.ranges[0].From != "00" || !strings.HasPrefix(w.ranges[0].To, "00") {
		t.Errorf("queried %v", w.ranges)
	}
	all := 0
	for item, err := range s.state.Query(t.Context(), table.Range{Part: acme + "/detail/2026-03-02"}) {
		if err != nil {
			t.Fatal(err)
		}
		all += len(item.Value)
	}
	if w.bytes*5 > all {
		t.Errorf("read %d bytes of the day's %d", w.bytes, all)
	}
	t.Logf("%d chats by %d bytes of the day's %d", len(chats), w.bytes, all)
}
