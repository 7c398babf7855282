package derive

import (
	"context"
	"slices"
	gostrings "strings"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// View is what one writer keeps in memory of the functions that measures are derived
// from, as of one number of the log: what blocks may not hold yet, and what has not
// ended. All else of a function is in blocks, of which a commit mostly reads a single
// one for each agent. The View itself is read once, and then kept up to date with what
// is committed, so that commits do not read the log. The zero View knows nothing yet.
type View struct {
	known   bool
	seq     uint64
	merged  cell.Merged // of what is not in recent, blocks are known by it
	recent  map[functionID]*recent
	entries int
	checked int // entries from which on to look again what others have merged
}

// functionID names a function: a step measure, and the value it is of.
type functionID struct {
	of    measure.ID
	value measure.Value
}

// recent is what the log says of a function beyond the blocks, and what has not ended.
type recent struct {
	ended []logged
	open  running
}

// logged is what a log item, by its number, adds to a function. Blocks with a lower
// version do not hold it.
type logged struct {
	seq       uint64
	at, until int64
	n         int64
}

// maxEntries is how much a View may grow before it looks what others have merged.
const maxEntries = 20_000

// Derive lists what follows from differences that are about to be committed as the log
// items after number seq: it belongs into the same commit. now says, in Unix
// milliseconds, up to when anything can be known of the functions. A ConflictError says
// that the log has gone on beyond seq.
func (v *View) Derive(ctx context.Context, state table.Table, tenant string, seq uint64, diffs []cell.Difference, now int64) ([]cell.Difference, error) {
	changes := changesOf(diffs)
	if len(changes) == 0 {
		return nil, nil
	}
	if err := v.moveTo(ctx, state, tenant, seq); err != nil {
		return nil, err
	}
	for _, c := range changes {
		v.prepare(c, now)
	}
	if err := v.read(ctx, state, tenant, changes); err != nil {
		return nil, err
	}
	var out []cell.Difference
	for _, c := range changes {
		out = append(out, c.d.change(c)...)
	}
	return out, nil
}

// Ahead is how far, in milliseconds, the times of events may be ahead of the clock,
// and then some.
const Ahead = cell.QuarterMillis

// prepare finds what a change needs of the functions.
func (v *View) prepare(c *valueChange, now int64) {
	horizon := max(now+Ahead, c.changed.To)
	open := make([]running, len(c.d.from))
	for n, id := range c.d.from {
		if r := v.recent[functionID{id, c.value}]; r != nil {
			open[n] = r.open
			for _, e := range r.ended {
				horizon = max(horizon, e.until)
			}
		}
	}
	c.d.reach(c, open, horizon)
}

// read reads what of the functions has ended, in the blocks within reach and in the
// log beyond each of them. A record that is damaged keeps no event from being folded:
// it counts as empty, the next merge fails on it, and a rebuild mends what follows.
func (v *View) read(ctx context.Context, state table.Table, tenant string, changes []*valueChange) error {
	stored, err := blocksOf(ctx, state, tenant, v.merged, changes)
	if err != nil {
		return err
	}
	for i, c := range changes {
		for n, of := range c.d.from {
			r := v.recent[functionID{of, c.value}]
			versions := make(map[storedBlock]uint64, len(stored[i]))
			for id, b := range stored[i] {
				if b.Version > v.seq { // somebody committed and merged
					v.known = false
					return &table.ConflictError{}
				}
				edges, _ := storedSteps(&b, of, c.reach)
				c.was[n].ended = append(c.was[n].ended, edges...)
				versions[id] = b.Version
			}
			if r != nil {
				c.was[n].ended = r.append(c.was[n].ended, c, versions)
			}
		}
	}
	return nil
}

// append appends the edges, within reach of a change, of what the log says after the
// version of each block.
func (r *recent) append(edges []step.Edge, c *valueChange, versions map[storedBlock]uint64) []step.Edge {
	add := func(from, to, n int64) {
		if from < to {
			edges = append(edges, step.Edge{At: from, N: n}, step.Edge{At: to, N: -n})
		}
	}
	for _, e := range r.ended {
		within := touching(c.reach, e.at, e.until)
		if len(within) == 0 {
			continue
		}
		parts := cell.CoverOf(e.at, e.until)
		for _, s := range within {
			for _, end := range parts.Ends {
				if end.From >= end.To {
					continue
				}
				low, high := c.blocks(s)
				first, last := max(low, c.class.Number(end.From)), min(high, c.class.Number(end.To-1))
				for from := first; from <= last; {
					// Blocks that do not hold it, one after the other, are as one.
					to := from
					for to <= last && e.seq > versions[storedBlock{c.class, to}] {
						to++
					}
					lo, hi := max(end.From, c.class.First(from)).Start(), min(end.To, c.class.First(to)).Start()
					add(max(e.at, lo, s.From), min(e.until, hi, s.To), e.n)
					from = to + 1
				}
			}
			parts.EachUnit(func(u cell.Unit) {
				if e.seq > versions[storedBlock{u.Class(), u.Block()}] {
					add(max(u.From(), s.From), min(u.To(), s.To), e.n)
				}
			})
		}
	}
	return edges
}

// moveTo brings the view to a number of the log: with what others have committed since,
// or by reading all of it anew.
func (v *View) moveTo(ctx context.Context, state table.Table, tenant string, seq uint64) error {
	switch {
	case !v.known:
		if err := v.load(ctx, state, tenant); err != nil {
			return err
		}
	case v.seq < seq:
		items, err := counter.Tail(ctx, state, tenant, v.seq, Bases)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(items, func(l cell.LogItem) bool { return l.Mended }) {
			if err := v.load(ctx, state, tenant); err != nil {
				return err
			}
			break
		}
		for i := range items {
			v.Add(&items[i])
		}
	}
	if v.seq != seq {
		v.known = v.seq > seq
		return &table.ConflictError{}
	}
	if v.entries <= max(maxEntries, v.checked) {
		return nil
	}
	merged, err := counter.ReadMerged(ctx, state, tenant)
	if err != nil {
		return err
	}
	v.Merged(merged)
	v.checked = 2 * v.entries
	return nil
}

// load reads the view anew: the log beyond what is merged, and what has not ended. It is
// known only once it is whole.
func (v *View) load(ctx context.Context, state table.Table, tenant string) error {
	*v = View{}
	merged, err := counter.ReadMerged(ctx, state, tenant)
	if err != nil {
		return err
	}
	// What is damaged is left out: see read.
	now, err := counter.Read(ctx, state, counter.Request{Tenant: tenant, Open: true, SkipDamaged: true, Measures: Bases}, merged)
	if err != nil {
		return err
	}
	fresh := View{known: true, seq: merged.Merged, merged: merged, recent: map[functionID]*recent{}}
	for i := range now.Tail {
		fresh.add(now.Tail[i].Seq, now.Tail[i].Diffs, false)
	}
	fresh.add(fresh.seq, now.Open, true)
	*v = fresh
	return nil
}

// Add takes an item of the log that is the next one. Of its differences those of Bases count.
func (v *View) Add(l *cell.LogItem) {
	switch {
	case !v.known || l.Seq != v.seq+1:
	case l.Mended: // read it all anew
		v.known = false
	default:
		v.add(l.Seq, l.Diffs, false)
		v.add(l.Seq, l.Diffs, true)
	}
}

// add takes what has ended of differences, or what has not.
func (v *View) add(seq uint64, diffs []cell.Difference, open bool) {
	v.seq = seq
	opened := map[*recent][]step.Edge{}
	for i := range diffs {
		c := &diffs[i].Contribution
		if !Bases.Has(c.Measure) || (c.Until == measure.Forever) != open {
			continue
		}
		for _, value := range c.Dims {
			r := v.recent[functionID{c.Measure, value}]
			if r == nil {
				r = &recent{}
				value.ID = gostrings.Clone(value.ID) // it may be a part of a whole item of the log
				v.recent[functionID{c.Measure, value}] = r
			}
			if open {
				opened[r] = append(opened[r], step.Edge{At: c.At, N: c.N})
			} else {
				r.ended = append(r.ended, logged{seq, c.At, c.Until, c.N})
				v.entries++
			}
		}
	}
	for r, edges := range opened {
		r.open.add(edges)
	}
}

// Merged forgets what blocks hold, once the log is merged.
func (v *View) Merged(merged cell.Merged) {
	v.merged = merged
	for id, r := range v.recent {
		before := len(r.ended)
		r.ended = slices.DeleteFunc(r.ended, func(e logged) bool { return e.seq <= merged.Merged })
		v.entries -= before - len(r.ended)
		if len(r.ended) == 0 && len(r.open.edges) == r.open.zeros {
			delete(v.recent, id)
		}
	}
}
