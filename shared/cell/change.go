package cell

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// valueChange is what differences change in the functions of one value.
type valueChange struct {
	d           *derivation
	value       measure.Value
	class       Class         // of the blocks of its functions
	ended, open [][]step.Edge // the changes, by function
	changed     span
	// since is the first change of what has no end, else measure.Forever.
	since int64
	// The functions before and after, and the time in which what follows may change.
	was, is []function
	reach   span
}

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

// added adds up what has not ended, in the order of its beginning.
func added(open, more []step.Edge) []step.Edge {
	out := slices.Clone(open)
	for _, e := range more {
		n, found := slices.BinarySearchFunc(out, e.At, func(o step.Edge, at int64) int { return int(max(-1, min(1, o.At-at))) })
		if !found {
			out = slices.Insert(out, n, step.Edge{At: e.At})
		}
		if out[n].N += e.N; out[n].N == 0 {
			out = slices.Delete(out, n, n+1)
		}
	}
	return out
}

// mostGets is how many blocks of one function are got by their keys; more are
// looked for, because there may be none in most of the time.
const mostGets = 16

// blocksOf reads the blocks of each change, by number: those that there are.
func blocksOf(ctx context.Context, state table.Table, tenant string, changes []*valueChange) ([]map[int64]table.Item, error) {
	out := make([]map[int64]table.Item, len(changes))
	var keys []table.Key
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, c := range changes {
		out[i] = map[int64]table.Item{}
		first, last := c.blocks()
		if last-first < mostGets {
			for b := first; b <= last; b++ {
				keys = append(keys, c.key(tenant, b))
			}
			continue
		}
		wanted := Wanted{Class: c.class, Series: measure.Series{c.value.Dim}, Prefix: seriesValue(c.value) + "/"}
		request := Request{Tenant: tenant, From: c.class.first(first).Start(), To: c.class.first(last + 1).Start(), Wanted: []Wanted{wanted}}
		var mu sync.Mutex
		for _, r := range request.ranges() {
			g.Go(func() error {
				blocks, err := r.read(gctx, state)
				mu.Lock()
				defer mu.Unlock()
				for _, b := range blocks {
					if b.Value == seriesValue(c.value) {
						out[i][c.class.block(b.First)] = table.Item{Value: b.raw, Version: b.Version}
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
					out[i][b] = items[0]
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

// storedSteps gives the edges of one function in a block, as far as its quarters
// touch the time.
func storedSteps(v []byte, id measure.ID, first Quarter, within span) ([]step.Edge, error) {
	if len(v) == 0 {
		return nil, nil
	}
	var s Edges
	err := eachCell(v, func(c Column) bool { return c == column(id, subPart) }, func(_ Column, quarter int16, sub int64, _ string, n int64) {
		if q := first + Quarter(quarter); q.Start() < within.To && (q+1).Start() > within.From {
			s.Add(q, sub, n)
		}
	})
	return s.End(), err
}
