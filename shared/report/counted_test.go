package report_test

import (
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table/embedded"
)

// What a report counts has a moment: that of the newest commit it saw, merged or not.
func TestCountedUntilTheNewestCommit(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	state, ctx := db.Table("state"), t.Context()
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	commit := func(seq uint64, at time.Time) {
		t.Helper()
		d := cell.Difference{Fact: "chat/c", Contribution: measure.Contribution{Measure: measure.ChatRequests, At: day.UnixMilli(), N: 1}}
		op, _ := counter.Add("acme", seq, []cell.Difference{d}, at, false)
		if err := state.Write(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	query := func() *report.Query {
		return &report.Query{Buckets: []report.Bucket{{From: day.UnixMilli(), To: day.AddDate(0, 0, 1).UnixMilli()}}, Want: []report.Want{{Measure: measure.ChatRequests}}}
	}
	until := func(ask func(*report.Snapshot) error) time.Time {
		t.Helper()
		s, err := report.Open(ctx, state, "acme", day)
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(s); err != nil {
			t.Fatal(err)
		}
		return s.CountedUntil()
	}
	run := func(s *report.Snapshot) error { _, err := s.Run(query()); return err }
	window := func(s *report.Snapshot) error {
		_, err := s.At(day.Add(time.Hour)).Window(day.UnixMilli(), day.UnixMilli(), measure.ChatRequests)
		return err
	}
	nothing := func(*report.Snapshot) error { return nil }
	if got := until(run); !got.IsZero() {
		t.Errorf("of nothing: %v", got)
	}
	first, second := day.Add(time.Hour), day.Add(2*time.Hour)
	commit(1, first)
	if got := until(run); !got.Equal(first) {
		t.Errorf("after a commit: %v, want %v", got, first)
	}
	if err := counter.Merge(ctx, state, "acme"); err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(*report.Snapshot) error{"a query": run, "a window": window, "nothing": nothing} {
		if got := until(ask); !got.Equal(first) {
			t.Errorf("merged, by %s: %v, want %v", name, got, first)
		}
	}
	commit(2, second)
	for name, ask := range map[string]func(*report.Snapshot) error{"a query": run, "a window": window} {
		if got := until(ask); !got.Equal(second) {
			t.Errorf("after another, by %s: %v, want %v", name, got, second)
		}
	}
	// Of several reads it is the one that saw least.
	got := until(func(s *report.Snapshot) error {
		err := run(s)
		commit(3, second.Add(time.Hour))
		if err != nil {
			return err
		}
		return window(s)
	})
	if !got.Equal(second) {
		t.Errorf("of two reads: %v, want %v", got, second)
	}
}
