package derive_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

var (
	modelSeeds = flag.Uint64("model.seeds", 4, "how many random seeds TestWhatIsDerivedIsWhatFollows takes")
	modelFirst = flag.Uint64("model.first", 0, "the first seed; 0: a random one")
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

// audit wants no finding, though others work between its reads.
func (m *model) audit(split bool, others ...func()) {
	m.t.Helper()
	ctx := context.Background()
	between := func() {
		for _, f := range others {
			f()
		}
	}
	var days []cell.Day
	seen := map[cell.Day]bool{}
	for _, list := range m.facts {
		for i := range list {
			audit.Days(&list[i], func(d cell.Day) { seen[d] = true })
		}
	}
	for item, err := range m.state.Scan(ctx, "acme/") {
		if err != nil {
			m.t.Fatal(err)
		}
		audit.StoredDays(item, func(d cell.Day) { seen[d] = true })
	}
	for d := range seen {
		days = append(days, d)
	}
	slices.Sort(days)
	for open := true; open || len(days) > 0; open = false {
		n := len(days)
		switch {
		case m.ages: // there are too many for more than one audit
		case split:
			n = min(n, 2)
		}
		at, err := audit.At(ctx, &betweenReads{Table: m.state, others: between}, "acme")
		if err != nil {
			m.t.Fatal(err)
		}
		a := at.Days(days[:n], open)
		days = days[n:]
		for _, name := range slices.Sorted(maps.Keys(m.facts)) {
			between()
			at.Saw(name, m.log[name], m.facts[name])
			a.Fact(name, m.facts[name])
		}
		for item, err := range m.state.Scan(ctx, "acme/") {
			if err != nil {
				m.t.Fatal(err)
			}
			a.Stored(item)
		}
		first, _, err := at.End(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		findings, err := a.Findings(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		findings = append(findings, first...)
		for i, f := range findings {
			if i < 10 {
				m.t.Errorf("%+v", f)
			}
		}
	}
}

// stepFunction names a function of time.
type stepFunction struct {
	of    measure.ID
	value measure.Value
}

// compare wants that all that was derived adds up to unions and maxima.
func (m *model) compare() {
	m.t.Helper()
	edges := map[stepFunction][]step.Edge{}
	add := func(c *measure.Contribution) {
		for _, v := range c.Dims {
			id := stepFunction{c.Measure, v}
			edges[id] = append(edges[id], step.Edge{At: c.At, N: c.N}, step.Edge{At: c.Until, N: -c.N})
		}
	}
	for _, list := range m.facts {
		for i := range list {
			add(&list[i])
		}
	}
	for i := range m.all {
		add(&m.all[i].Contribution)
	}
	end := m.now + 3*3600_000
	values := map[measure.Value]bool{}
	for id := range edges {
		values[id.value] = true
	}
	for v := range values {
		switch v.Dim {
		case measure.Agent, measure.AgentDepartment:
			want := step.Both(step.Above(edges[stepFunction{measure.InChat, v}]), step.Above(edges[stepFunction{measure.LoggedInStep, v}]))
			var got []step.Span
			step.Sweep(edges[stepFunction{measure.LinearChatTime, v}], func(from, to, n int64) {
				if n != 0 && n != 1 {
					m.t.Errorf("%v: %d at %d", v, n, from)
				}
			})
			got = step.Above(edges[stepFunction{measure.LinearChatTime, v}])
			if !slices.Equal(got, want) {
				m.t.Errorf("%v: %v, want %v", v, got, want)
			}
		case measure.Queue:
			level, peak := edges[stepFunction{measure.QueueLevel, v}], edges[stepFunction{measure.QueuePeak, v}]
			near := map[cell.Quarter]bool{} // nothing changes in between
			for _, e := range slices.Concat(level, peak) {
				for q := cell.QuarterOf(e.At) - 1; q <= cell.QuarterOf(e.At)+1 && q.Start() < end; q++ {
					near[q] = true
				}
			}
			for q := range near {
				want := valueAt(level, q.Start())
				for _, e := range level {
					if q.Start() <= e.At && e.At < (q+1).Start() {
						want = max(want, valueAt(level, e.At))
					}
				}
				if got := valueAt(peak, q.Start()); got != want {
					m.t.Errorf("%v %v: %d, want %d", v, q, got, want)
				}
			}
		}
	}
}

func valueAt(edges []step.Edge, at int64) (n int64) {
	for _, e := range edges {
		if e.At <= at {
			n += e.N
		}
	}
	return n
}

func setRunBytes(t *testing.T, n int) {
	before := counter.RunBytes
	t.Cleanup(func() { counter.RunBytes = before })
	counter.RunBytes = n
}

// TestWhatIsDerivedIsWhatFollows: whoever commits and merges in between, and
// whatever read fails, what was derived adds up to the unions and the maxima of all facts.
func TestWhatIsDerivedIsWhatFollows(t *testing.T) {
	first := *modelFirst
	if first == 0 {
		first = rand.Uint64N(1_000_000) + 1
	}
	for seed := first; seed < first+*modelSeeds && !t.Failed(); seed++ {
		r := rand.New(rand.NewPCG(seed, 7))
		m := newModel(t, r, 1+r.IntN(3))
		m.ages = r.IntN(3) == 0
		setRunBytes(t, []int{100, 400, 64 << 10}[r.IntN(3)])
		faults := tabletest.Randomly(seed, 0.05*float64(r.IntN(2)), tabletest.Before, tabletest.Partly)
		steps := 60
		if m.ages {
			steps = 20
		}
		for range steps {
			w := m.writers[r.IntN(len(m.writers))]
			busy := w
			odd := &betweenReads{Table: m.state}
			odd.others = func() {
				switch r.IntN(12) {
				case 0:
					m.merge(nil)
				case 1, 2:
					if other := m.writers[r.IntN(len(m.writers))]; other != busy {
						m.commit(other, m.state)
					}
					if r.IntN(2) == 0 {
						m.merge(nil)
					}
				}
			}
			m.now += r.Int64N(20 * 60_000)
			m.commit(w, tabletest.NewFaulty(odd, faults))
			busy = nil
			if r.IntN(8) == 0 {
				m.merge(w)
			}
			if r.IntN(10) == 0 {
				m.audit(r.IntN(2) == 0, odd.others)
			}
		}
		m.audit(r.IntN(2) == 0)
		m.compare()
		t.Logf("seed %d: %d commits, %d lost", seed, m.commits, m.lost)
	}
}
