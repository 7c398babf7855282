package report_test

import (
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// BenchmarkRun answers a month by day, of which a week has events.
func BenchmarkRun(b *testing.B) {
	snapshot := week(b)
	var days []report.Bucket
	for d := range 31 {
		from := time.Date(2026, 3, 1+d, 0, 0, 0, 0, time.UTC)
		days = append(days, report.Bucket{From: from.UnixMilli(), To: from.AddDate(0, 0, 1).UnixMilli()})
	}
	for _, c := range []struct {
		name string
		by   measure.Dim
		want []report.Want
	}{
		{"counts", measure.None, []report.Want{{Measure: measure.ChatRequests}, {Measure: measure.Chats}, {Measure: measure.MissedChats}, {Measure: measure.RefusedChats}}},
		{"counts by agent", measure.Agent, []report.Want{{Measure: measure.Chats}}},
		{"distribution", measure.None, []report.Want{{Measure: measure.QueueWait, Distribution: true}}},
		{"steps", measure.Queue, []report.Want{{Measure: measure.QueueLevel}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q := report.Query{Buckets: days, By: c.by, Want: c.want}
				if _, err := snapshot.Run(&q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkYear answers a year by hour, of which a week has events.
func BenchmarkYear(b *testing.B) {
	snapshot := week(b)
	from, to := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	var hours []report.Bucket
	for h := from; h.Before(to); h = h.Add(time.Hour) {
		hours = append(hours, report.Bucket{From: h.UnixMilli(), To: h.Add(time.Hour).UnixMilli()})
	}
	waits := []report.Want{{Measure: measure.QueueWait, Distribution: true}, {Measure: measure.Wait, Distribution: true}, {Measure: measure.Response, Distribution: true}}
	for _, c := range []struct {
		name  string
		by    measure.Dim
		where []measure.Value
		want  []report.Want
	}{
		{"counts", measure.None, nil, []report.Want{{Measure: measure.ChatRequests}, {Measure: measure.Chats}, {Measure: measure.MissedChats}, {Measure: measure.RefusedChats}}},
		{"counts by department", measure.Department, nil, []report.Want{{Measure: measure.ChatRequests}, {Measure: measure.Chats}}},
		{"distributions", measure.None, nil, waits},
		{"largest queue", measure.None, nil, []report.Want{{Measure: measure.MaxQueueSize}}},
		{"no series", measure.None, []measure.Value{{Dim: measure.Department, ID: "d1"}, {Dim: measure.Campaign, ID: "c1"}}, []report.Want{{Measure: measure.ChatRequests}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q := report.Query{Buckets: hours, By: c.by, Where: c.where, Want: c.want}
				if _, err := snapshot.Run(&q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// week looks at a week of a contact centre on the first of April.
func week(b testing.TB) *report.Snapshot {
	snapshot, err := report.Open(b.Context(), weekState(b), "acme", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	return snapshot
}

// weekState takes in a week of a contact centre.
func weekState(b testing.TB) table.Table {
	db, err := embedded.Open(b.TempDir(), embedded.NoSync)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	ctx := b.Context()
	events, state := db.FeedTable("journal"), db.Table("state")
	start := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	f := fold.New(events, state, func() time.Time { return start.AddDate(0, 0, 7) })
	var batch []event.Event
	flush := func() {
		if _, err := journal.New(events).Append(ctx, "acme", batch, start); err != nil {
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
		if _, err := f.Apply(ctx, items); err != nil {
			b.Fatal(err)
		}
		if err := events.Acknowledge(ctx, "0", changes[len(changes)-1].Sequence); err != nil {
			b.Fatal(err)
		}
		batch = batch[:0]
	}
	for e := range sim.New(sim.Config{Seed: 1, Start: start, End: start.AddDate(0, 0, 7), Scale: 0.3}).Events() {
		if batch = append(batch, e); len(batch) == 1000 {
			flush()
		}
	}
	flush()
	return state
}
