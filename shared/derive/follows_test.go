package derive_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
)

// TestAnAuditOfDaysFarApart: seven days on which anything counts may be years apart.
func TestAnAuditOfDaysFarApart(t *testing.T) {
	m := newModel(t, rand.New(rand.NewPCG(1, 1)), 1)
	m.now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
	own := measure.Dims{{Dim: measure.Agent, ID: "a"}}
	for n, back := range []int64{0, 100, 600, 2000} {
		at := m.now - back*cell.DayMillis - 3600_000
		m.put("chat/"+string(rune('a'+n))+"/-",
			measure.Contribution{Measure: measure.InChat, At: at, Until: at + 1000_000, N: 1, Dims: own},
			measure.Contribution{Measure: measure.LoggedInStep, At: at + 10_000, Until: at + 2000_000, N: 1, Dims: own},
			measure.Contribution{Measure: measure.QueueLevel, At: at - 10_000, Until: at, N: 1, Dims: measure.Dims{{Dim: measure.Queue, ID: "department/x"}}},
		)
	}
	m.merge(nil)
	m.audit(false)
	m.compare()
}

// mergeStep merges up to an item of the log, as Merge does with a long log.
func (m *model) mergeStep(upTo uint64) {
	m.t.Helper()
	ctx := context.Background()
	merged, err := counter.ReadMerged(ctx, m.state, "acme")
	if err != nil {
		m.t.Fatal(err)
	}
	items, err := counter.Tail(ctx, m.state, "acme", merged.Merged, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	merged.Intend(items[:upTo-merged.Merged])
	if _, err := counter.PutMerged(ctx, m.state, "acme", &merged); err != nil {
		m.t.Fatal(err)
	}
	if _, err := counter.MergeStep(ctx, m.state, "acme"); err != nil {
		m.t.Fatal(err)
	}
}

// TestAnAuditWithinACommit: a merge may stop between two items of one commit.
func TestAnAuditWithinACommit(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		m := newModel(t, r, 1)
		for range 6 {
			m.now += 20 * 60_000
			m.commit(m.writers[0], m.state)
		}
		for seq := uint64(1); seq <= m.writers[0].seq && !t.Failed(); seq++ {
			m.mergeStep(seq)
			m.audit(false)
		}
	}
}
