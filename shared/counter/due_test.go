package counter

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

// TestSinceWhenALogShouldHaveBeenMerged: as long as merging fails it is told since when that
// is due, and of a log that is neither long nor old nothing.
func TestSinceWhenALogShouldHaveBeenMerged(t *testing.T) {
	l := newLedger(t, rand.New(rand.NewPCG(5, 6)))
	fails := func() table.Table {
		return tabletest.NewFaulty(l.state, tabletest.NewPlan(func(call int) tabletest.Fault {
			if call > 4 { // it can be read what is due
				return tabletest.Before
			}
			return tabletest.None
		}))
	}
	due := func(state table.Table, now time.Time) time.Time {
		since, err := MergeDue(context.Background(), state, now)
		if (err != nil) != (state != l.state) {
			t.Fatal(err)
		}
		return since
	}
	l.list()
	began := time.UnixMilli(ledgerDay + 1) // as commit has it
	l.commit(20)
	if since := due(l.state, began.Add(MergeAge-time.Millisecond)); !since.IsZero() || l.merged().Merged > 0 {
		t.Errorf("a short log should have been merged since %v", since)
	}
	late := began.Add(MergeAge + time.Hour)
	if since := due(fails(), late); !since.Equal(began.Add(MergeAge)) {
		t.Errorf("an old one since %v, want %v", since, began.Add(MergeAge))
	}
	if since := due(l.state, late); !since.IsZero() || l.merged().Merged != 1 {
		t.Errorf("it was merged, and should have been since %v", since)
	}

	bytes := 0
	for bytes <= bundleBytes {
		bytes += l.commit(100)
	}
	if since := due(l.state, began); !since.IsZero() || len(l.merged().Bundles) != 1 || l.merged().Merged != 1 {
		t.Errorf("what is to be bundled should have been merged since %v: %+v", since, l.merged())
	}
	for bytes = 0; bytes <= bundleBytes; {
		bytes += l.commit(100)
	}
	long := time.UnixMilli(ledgerDay + int64(l.seq))
	l.commit(100)
	if since := due(fails(), began.Add(time.Hour)); !since.Equal(long) {
		t.Errorf("a long one since %v, want %v", since, long)
	}
	since := due(l.state, began.Add(time.Hour))
	if m := l.merged(); !since.IsZero() || m.Bundled() != l.seq || m.BundledBytes() > MergeBytes {
		t.Errorf("it was shortened to %d bytes, and should have been since %v", m.BundledBytes(), since)
	}
}
