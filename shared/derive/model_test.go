package derive_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

// betweenReads is a table where others work before some of the reads of a writer.
type betweenReads struct {
	table.Table
	mu     sync.Mutex // reads may be made at the same time
	others func()
}

func (b *betweenReads) before() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.others()
}

func (b *betweenReads) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	b.before()
	return b.Table.Get(ctx, keys...)
}

func (b *betweenReads) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	b.before()
	return b.Table.Query(ctx, r)
}

// model is some facts, committed by several writers, each with a view of its own.
type model struct {
	t       *testing.T
	r       *rand.Rand
	db      *embedded.DB
	state   table.Table
	now     int64
	facts   map[string][]measure.Contribution
	log     map[string]uint64
	writers []*modelWriter
	all     []cell.Difference // all that was derived
	commits int
	lost    int // commits that lost a race
	// ages: some things last for months or for centuries.
	ages bool
}

type modelWriter struct {
	view derive.View
	seq  uint64
}

func newModel(t *testing.T, r *rand.Rand, writers int) *model {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	m := &model{t: t, r: r, db: db, state: db.Table("state"), facts: map[string][]measure.Contribution{}, log: map[string]uint64{}}
	// Around 1970, a month's end, or a day's.
	bases := []int64{0, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(2025, 12, 31, 18, 0, 0, 0, time.UTC).UnixMilli()}
	m.now = bases[r.IntN(len(bases))]
	for range writers {
		m.writers = append(m.writers, &modelWriter{})
	}
	return m
}

// moment is some time of the last hours or days, seldom of long ago, often on a quarter,
// up to five minutes ahead.
func (m *model) moment() int64 {
	back := []int64{2 * 3600_000, 12 * 3600_000, 5 * cell.DayMillis}[m.r.IntN(3)]
	if m.ages && m.r.IntN(20) == 0 {
		back = []int64{100 * cell.DayMillis, 3000 * cell.DayMillis, 700_000 * cell.DayMillis}[m.r.IntN(3)]
	}
	at := m.now + 300_000 - m.r.Int64N(back)
	if m.ages && m.r.IntN(20) == 0 {
		return cell.UnitOf(1, cell.QuarterOf(at)).From()
	}
	switch m.r.IntN(4) {
	case 0:
		at = cell.QuarterOf(at).Start()
	case 1:
		at = cell.QuarterOf(at).Start() + (at-cell.QuarterOf(at).Start())/60_000*60_000
	case 2:
		at = int64(cell.DayOf(at))
	}
	return at
}

var modelIDs = []string{"a", "a/b", "", "a b%", "ä"}

// some are contributions of a fact.
func (m *model) some() []measure.Contribution {
	var out []measure.Contribution
	for range m.r.IntN(4) {
		at, until := m.moment(), m.moment()
		if at > until {
			at, until = until, at
		}
		if at == until {
			until++
		}
		if m.r.IntN(3) == 0 {
			until = measure.Forever
		}
		id := modelIDs[m.r.IntN(len(modelIDs))]
		own := measure.Dims{{Dim: measure.Agent, ID: id}}
		if m.r.IntN(2) == 0 {
			own = append(own, measure.Value{Dim: measure.AgentDepartment, ID: measure.Pair(id, modelIDs[m.r.IntN(2)])})
		}
		c := measure.Contribution{At: at, Until: until, N: 1, Dims: own}
		switch m.r.IntN(3) {
		case 0:
			c.Measure = measure.InChat
		case 1:
			c.Measure = measure.LoggedInStep
		default:
			c.Measure, c.Dims = measure.QueueLevel, measure.Dims{{Dim: measure.Queue, ID: measure.Pair("department", id)}}
		}
		out = append(out, c)
	}
	return out
}

// commit changes some facts by one of the writers, who may not know of others.
func (m *model) commit(w *modelWriter, state table.Table) {
	next := map[string][]measure.Contribution{}
	for range 1 + m.r.IntN(5) {
		next[fmt.Sprintf("chat/%d/-", m.r.IntN(25))] = m.some()
	}
	m.change(w, state, next, 0)
}

// put makes a fact contribute what is given.
func (m *model) put(name string, is ...measure.Contribution) {
	m.change(m.writers[0], m.state, map[string][]measure.Contribution{name: is}, 3000)
}

// change commits facts, so many differences in an item of the log; 0: by chance.
func (m *model) change(w *modelWriter, state table.Table, next map[string][]measure.Contribution, size int) {
	var diffs []cell.Difference
	for name, is := range next {
		for _, c := range measure.Difference(m.facts[name], is) {
			diffs = append(diffs, cell.Difference{Fact: name, Contribution: c})
		}
	}
	ctx := context.Background()
	derived, err := w.view.Derive(ctx, state, "acme", w.seq, diffs, m.now)
	var conflict *table.ConflictError
	if errors.As(err, &conflict) || errors.Is(err, tabletest.ErrInjected) {
		m.lost++
		w.seq, _, _, _ = counter.End(ctx, m.state, "acme")
		return
	}
	if err != nil {
		m.t.Fatal(err)
	}
	own := slices.Concat(diffs, derived)
	if size == 0 {
		size = 1 + m.r.IntN(1+len(own)) // in several items, as a large commit
	}
	seq := w.seq
	var ops []table.Op
	for chunk := range slices.Chunk(own, size) {
		if len(ops) >= 40 {
			return // too many for one transaction
		}
		seq++
		add, _ := counter.Add("acme", seq, chunk, time.UnixMilli(m.now), int(seq-w.seq)*size < len(own))
		ops = append(ops, add)
	}
	if len(ops) == 0 {
		return
	}
	err = m.state.Write(ctx, ops...)
	if err != nil && !errors.As(err, &conflict) {
		m.t.Fatal(err)
	}
	if err != nil {
		m.lost++
		w.seq, _, _, _ = counter.End(ctx, m.state, "acme")
		return
	}
	m.commits++
	m.all = append(m.all, derived...)
	for name, is := range next {
		if len(measure.Difference(m.facts[name], is)) > 0 {
			m.log[name] = seq
		}
		m.facts[name] = is
	}
	if m.r.IntN(5) == 0 { // the outcome was unknown
		w.seq, _, _, _ = counter.End(ctx, m.state, "acme")
		return
	}
	for chunk := range slices.Chunk(own, size) {
		w.seq++
		w.view.Add(&cell.LogItem{Seq: w.seq, Diffs: chunk})
	}
}

func (m *model) merge(w *modelWriter) {
	merged, err := counter.ReadMerged(context.Background(), m.state, "acme")
	if err != nil {
		m.t.Fatal(err)
	}
	end, _, _, err := counter.End(context.Background(), m.state, "acme")
	if err != nil {
		m.t.Fatal(err)
	}
	switch first := max(merged.Merged+1, merged.Bundled()); {
	case m.r.IntN(3) == 0:
		if _, err := counter.Bundle(context.Background(), m.state, "acme"); err != nil {
			m.t.Fatal(err)
		}
		return
	case first <= end && m.r.IntN(3) == 0: // a merge stops in no bundle
		m.mergeStep(first + m.r.Uint64N(end-first+1))
		return
	}
	if err := counter.Merge(context.Background(), m.state, "acme"); err != nil {
		m.t.Fatal(err)
	}
	if w != nil && m.r.IntN(2) == 0 {
		now, err := counter.ReadMerged(context.Background(), m.state, "acme")
		if err != nil {
			m.t.Fatal(err)
		}
		now.Merged = w.seq
		w.view.Merged(now)
	}
}
