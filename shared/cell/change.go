package cell

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// valueChange is what a commit changes in the functions of one derived measure for one
// value: an agent, an agent in a department, a queue.
type valueChange struct {
	d     *derivation
	value measure.Value
	class Class // of the blocks that hold the functions
	// ended and open are the edges that the commit adds, by function.
	ended, open [][]step.Edge
	// changed is the time from the first to the last of these edges.
	changed span
	// since is the first edge of what has no end; measure.Forever: there is none.
	since int64
	// was and is are the functions before and after, reach is the time in which what
	// follows from them may differ: nothing outside it is read.
	was, is []function
	reach   span
}

// changesOf sorts differences by the functions that they change: by derived measure and
// value.
func changesOf(diffs []Difference) []*valueChange {
	type key struct {
		d     *derivation
		value measure.Value
	}
	known := map[key]*valueChange{}
	var out []*valueChange
	for i := range diffs {
		c := &diffs[i].Contribution
		if !bases.has(c.Measure) {
			continue
		}
		for j := range derivations {
			d := &derivations[j]
			n := slices.Index(d.from, c.Measure)
			for _, v := range c.Dims {
				if n < 0 || !slices.Contains(d.dims, v.Dim) {
					continue
				}
				o := known[key{d, v}]
				if o == nil {
					o = &valueChange{
						d: d, value: v, class: Steps.Of(d.from[0], measure.Series{v.Dim}), changed: span{From: measure.Forever, To: -measure.Forever}, since: measure.Forever,
						ended: make([][]step.Edge, len(d.from)), open: make([][]step.Edge, len(d.from)),
						was: make([]function, len(d.from)), is: make([]function, len(d.from)),
					}
					known[key{d, v}] = o
					out = append(out, o)
				}
				o.add(n, c)
			}
		}
	}
	return out
}

func (o *valueChange) add(n int, c *measure.Contribution) {
	o.changed.From, o.changed.To = min(o.changed.From, c.At), max(o.changed.To, c.At)
	if c.Until == measure.Forever {
		o.since = min(o.since, c.At)
		o.open[n] = append(o.open[n], step.Edge{At: c.At, N: c.N})
		return
	}
	o.changed.To = max(o.changed.To, c.Until)
	o.ended[n] = append(o.ended[n], step.Edge{At: c.At, N: c.N}, step.Edge{At: c.Until, N: -c.N})
}

// added adds more to what has not ended, in the order of its beginning. more it sorts.
func added(open, more []step.Edge) []step.Edge {
	slices.SortFunc(more, func(a, b step.Edge) int { return cmp.Compare(a.At, b.At) })
	out := make([]step.Edge, 0, len(open)+len(more))
	for len(open) > 0 || len(more) > 0 {
		var next step.Edge
		if len(more) == 0 || len(open) > 0 && open[0].At <= more[0].At {
			next, open = open[0], open[1:]
		} else {
			next, more = more[0], more[1:]
		}
		if n := len(out) - 1; n >= 0 && out[n].At == next.At {
			out[n].N += next.N
		} else {
			out = append(out, next)
		}
	}
	return slices.DeleteFunc(out, func(e step.Edge) bool { return e.N == 0 })
}

// mostGets is how many blocks of one function are got by their keys; more are
// looked for, because there may be none in most of the time.
const mostGets = 16

// storedBlock is a block of a function, by its class and number.
type storedBlock struct {
	class  Class
	number int64
}

// blocksOf reads the blocks of each change, those of units among them: those that there
// are. merged is as of the number of the log that they are read for, or before it.
func blocksOf(ctx context.Context, state table.Table, tenant string, merged *Merged, changes []*valueChange) ([]map[storedBlock]table.Item, error) {
	out := make([]map[storedBlock]table.Item, len(changes))
	var keys []table.Key
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, c := range changes {
		out[i] = map[storedBlock]table.Item{}
		wanted := Wanted{Class: Units, Series: measure.Series{c.value.Dim}, Prefix: seriesValue(c.value) + "/"}
		units := Request{Tenant: tenant, From: c.reach.From, To: c.reach.To, Wanted: []Wanted{wanted}}
		ranges := units.ranges(merged)
		first, last := c.blocks()
		if last-first < mostGets {
			for b := first; b <= last; b++ {
				keys = append(keys, c.key(tenant, b))
			}
		} else {
			wanted.Class = c.class
			blocks := Request{Tenant: tenant, From: c.class.first(first).Start(), To: c.class.first(last + 1).Start(), Wanted: []Wanted{wanted}}
			ranges = append(ranges, blocks.ranges(merged)...)
		}
		for _, r := range ranges {
			g.Go(func() error {
				blocks, err := r.read(gctx, state)
				mu.Lock()
				defer mu.Unlock()
				for _, b := range blocks {
					if b.Value == seriesValue(c.value) {
						out[i][storedBlock{b.Class, b.Number}] = table.Item{Value: b.raw, Version: b.Version}
					}
				}
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, c := range changes {
		if first, last := c.blocks(); last-first < mostGets {
			for b := first; b <= last; b++ {
				if items[0].Version != 0 {
					out[i][storedBlock{c.class, b}] = items[0]
				}
				items = items[1:]
			}
		}
	}
	return out, nil
}

// blocks are those that hold the functions within reach.
func (o *valueChange) blocks() (first, last int64) {
	return o.class.block(QuarterOf(o.reach.From)), o.class.block(QuarterOf(max(o.reach.From, o.reach.To-1)))
}

func (o *valueChange) key(tenant string, block int64) table.Key {
	return blockKey(tenant, o.class, measure.Series{o.value.Dim}, seriesValue(o.value), block)
}

// seriesValue is a value as the keys of blocks have it.
func seriesValue(v measure.Value) (text string) {
	c := measure.Contribution{Dims: measure.Dims{v}}
	c.EachSeries(measure.Series{v.Dim}, func(value string) { text = value })
	return text
}

// storedSteps gives the edges of one function in a block, as far as its quarters or units
// touch the time.
func storedSteps(v []byte, id measure.ID, of storedBlock, within span) ([]step.Edge, error) {
	if len(v) == 0 {
		return nil, nil
	}
	var s Edges
	var out []step.Edge
	first := of.class.first(of.number)
	err := eachCell(v, func(c Column) bool { return c.Measure() == id }, func(_ Column, cell int16, sub int64, _ string, n int64) {
		if of.class.Shape() == Units {
			u := of.class.unitIn(of.number, cell)
			if from, to := max(u.From(), within.From), min(u.To(), within.To); from < to {
				out = append(out, step.Edge{At: from, N: n}, step.Edge{At: to, N: -n})
			}
			return
		}
		if q := first + Quarter(cell); q.Start() < within.To && (q+1).Start() > within.From {
			s.Add(q, sub, n)
		}
	})
	return append(out, s.End()...), err
}
