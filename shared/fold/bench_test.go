package fold_test

import (
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// BenchmarkApply folds an hour of a contact centre in windows of 2 s and in full
// batches, merges included, into the embedded engine without fsync.
func BenchmarkApply(b *testing.B) {
	start := time.Date(2026, 3, 30, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		batch func(batch []event.Event, next *event.Event) bool // full before next
	}{
		{"windows", func(batch []event.Event, next *event.Event) bool { return next.At/2000 != batch[0].At/2000 }},
		{"batches", func(batch []event.Event, _ *event.Event) bool { return len(batch) == 1000 }},
	} {
		var batches [][]event.Event
		var batch []event.Event
		events := 0
		for e := range sim.New(sim.Config{Seed: 1, Start: start, End: start.Add(time.Hour)}).Events() {
			if len(batch) > 0 && c.batch(batch, &e) {
				batches, batch = append(batches, batch), nil
			}
			batch = append(batch, e)
			events++
		}
		batches = append(batches, batch)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				applyAll(b, batches)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(events), "µs/event")
			b.ReportMetric(float64(events), "events/op")
		})
	}
}

func applyAll(b *testing.B, batches [][]event.Event) {
	b.StopTimer()
	ctx := b.Context()
	db, err := embedded.Open(b.TempDir(), embedded.NoSync)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var now time.Time
	events, state := db.FeedTable("journal"), db.Table("state")
	f := fold.New(events, state, func() time.Time { return now })
	minute := now
	for _, batch := range batches {
		now = batch[len(batch)-1].Time()
		if _, err := journal.New(events).Append(ctx, "acme", batch, now); err != nil {
			b.Fatal(err)
		}
		changes, err := events.Next(ctx, "0", len(batch))
		if err != nil {
			b.Fatal(err)
		}
		items := make([]table.Item, len(changes))
		for i := range changes {
			items[i] = changes[i].Item
		}
		b.StartTimer()
		if _, err := f.Apply(ctx, items); err != nil {
			b.Fatal(err)
		}
		if m := now.Truncate(time.Minute); m != minute {
			minute = m
			if _, err := counter.MergeDue(ctx, state, now); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		if err := events.Acknowledge(ctx, "0", changes[len(changes)-1].Sequence); err != nil {
			b.Fatal(err)
		}
	}
	b.StartTimer()
}
