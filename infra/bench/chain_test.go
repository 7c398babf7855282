package main

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
)

// hour is an hour of a small centre.
func hour() []event.Event {
	var out []event.Event
	for e := range workload(0.2, peak, peak.Add(time.Hour)) {
		out = append(out, e)
	}
	return out
}

func values(events []event.Event) func(func(event.Event) bool) {
	return func(yield func(event.Event) bool) {
		for _, e := range events {
			if !yield(e) {
				return
			}
		}
	}
}

func asked(t *testing.T, m *memory, q question, now time.Time) (rows []map[string]any) {
	t.Helper()
	raw, err := answer(context.Background(), m, q, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestLiveAndBackfillTakeInTheSame(t *testing.T) {
	events, ctx := hour(), context.Background()
	now := peak.Add(24 * time.Hour)
	live, bulk := newMemory(), newMemory()
	before, after, stop := split(values(events), peak.Add(20*time.Minute))
	defer stop()
	c := newChain(newMemory(), live)
	first, err := c.backfill(ctx, before)
	if err != nil {
		t.Fatal(err)
	}
	windows := 0
	second, err := c.live(ctx, peak.Add(20*time.Minute), after, func() error { windows++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if first+second != len(events) || first == 0 || second == 0 {
		t.Errorf("%d and %d events of %d", first, second, len(events))
	}
	if windows < 1000 || windows > 1200 {
		t.Errorf("%d windows in 40 minutes", windows)
	}
	if _, err := newChain(newMemory(), bulk).backfill(ctx, values(events)); err != nil {
		t.Fatal(err)
	}
	for _, q := range watched() {
		if a, b := asked(t, live, q, now), asked(t, bulk, q, now); !reflect.DeepEqual(a, b) {
			t.Errorf("%v: %v live, %v in bulk", q, a, b)
		}
	}
}

func TestADayLaidOutMakesTheMonthOfIt(t *testing.T) {
	m, ctx := newMemory(), context.Background()
	c := newChain(newMemory(), m)
	if _, err := c.backfill(ctx, values(hour())); err != nil {
		t.Fatal(err)
	}
	if err := counter.Merge(ctx, m, acme.ID); err != nil {
		t.Fatal(err)
	}
	layOut(m, lastDay)
	rows := asked(t, m, watched()[0], peak.Add(24*time.Hour))
	if len(rows) != 30 {
		t.Fatalf("%d days", len(rows))
	}
	for i, row := range rows {
		if row["chatRequests"] != rows[29]["chatRequests"] || row["chatRequests"] == 0.0 {
			t.Errorf("day %d: %v, the last one %v", i+1, row, rows[29])
		}
	}
}

func TestTheFoldIsMeasuredOverAllEvents(t *testing.T) {
	f, err := foldLive(context.Background(), 0.2, time.Minute, 5*time.Minute)
	if err != nil || f.Events == 0 || f.CPU <= 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestWhatIsWrittenIsTold(t *testing.T) {
	w, err := backfill(context.Background(), newCounters(newMemory(), newMemory()), values(hour()))
	if err != nil {
		t.Fatal(err)
	}
	if w.WriteUnits[kindJournal] != w.Events || w.perEvent() <= 1 || w.WriteUnits[kindOther] > 4 { // that list the tenant
		t.Errorf("%d events: %s", w.Events, w.kinds())
	}
}
