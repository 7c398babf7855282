package comm100_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/measure"
)

// Where an earlier version stored chats, reports say that these are missing in figures that
// came later, until they are rebuilt; other reports say nothing.
func TestWhatAnEarlierVersionStoredIsSaidToBeMissing(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, start.AddDate(0, 0, 1))
	s.send(simulated(3, start, 1, 0.02))
	warned := func(report string) bool {
		t.Helper()
		q := params("timeFrom", "2026-03-27T00:00:00", "timeTo", "2026-03-28T00:00:00", "group", "agent")
		a, err := comm100.New(s.Journal, s.state).Answer(context.Background(), &dialect.Request{Tenant: &s.tenant, Path: comm100.Prefix + report, Query: q, Now: s.now})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(strings.Join(a.Warnings, ""), "stored by an earlier version")
	}
	since := measure.Get(measure.FirstResponse).Since
	for generation := since - 1; generation <= since; generation++ {
		if err := counter.SetGeneration(context.Background(), s.state, s.tenant.ID, generation); err != nil {
			t.Fatal(err)
		}
		earlier := generation < since
		for report, want := range map[string]bool{"firstResponseTime": earlier, "leaderboard": earlier, "rating": false} {
			if got := warned(report); got != want {
				t.Errorf("%s of generation %d: a warning: %t", report, generation, got)
			}
		}
	}
}
