package extract_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

const acme = "acme"

// system is a journal and what was folded from it.
type system struct {
	t              testing.TB
	db             *embedded.DB
	journal, state table.Table
	now            time.Time
}

func newSystem(t testing.TB, now time.Time) *system {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &system{t: t, db: db, journal: db.Table("journal"), state: table.Divide(db.Table("state")), now: now}
}

// append stores events and gives all items of the journal.
func (s *system) append(events []event.Event) (out []table.Item) {
	s.t.Helper()
	if _, err := journal.New(s.journal).Append(s.t.Context(), acme, events, s.now); err != nil {
		s.t.Fatal(err)
	}
	for item, err := range s.journal.Scan(s.t.Context(), acme+"/") {
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, item)
	}
	return out
}

// fold folds items in batches over a state that may fail: what fails is delivered again.
func (s *system) fold(items []table.Item, state table.Table, r *rand.Rand) {
	s.t.Helper()
	folder := fold.New(s.journal, state, func() time.Time { return s.now })
	for len(items) > 0 {
		n := min(len(items), 1+r.IntN(40))
		failed, err := folder.Apply(s.t.Context(), items[:n])
		for _, err := range failed {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		if err != nil {
			if r.IntN(2) == 0 { // whoever did it is dead
				folder = fold.New(s.journal, state, func() time.Time { return s.now })
			}
			continue
		}
		items = items[n:]
		switch r.IntN(8) {
		case 0, 1:
			_ = counter.Merge(s.t.Context(), state, acme)
		case 2:
			_, _ = counter.Bundle(s.t.Context(), state, acme)
		}
	}
}

// delivered is items in any order, some of them twice.
func delivered(items []table.Item, r *rand.Rand) []table.Item {
	out := slices.Clone(items)
	for range len(items) / 8 {
		out = append(out, items[r.IntN(len(items))])
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (s *system) window(from, to int64) *extract.Window {
	return &extract.Window{Tenant: &tenant.Tenant{ID: acme}, From: from, To: to, Now: s.now.UnixMilli()}
}

func (s *system) open(from, to int64) *extract.Source {
	s.t.Helper()
	source, err := (&extract.Ground{Journal: s.journal, State: s.state, Dir: s.t.TempDir()}).Open(s.t.Context(), s.window(from, to))
	if err != nil {
		s.t.Fatal(err)
	}
	return source
}

// all is the whole of time.
func (s *system) all() *extract.Source { return s.open(math.MinInt64, math.MaxInt64) }

func source(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
