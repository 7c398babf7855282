package cell

import (
	"context"
	"slices"
	"sort"
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
	// was and is are the functions before and after, as far as the rule needs them: see
	// rule. reach are the times, in order and apart, in which what has ended is read.
	was, is []function
	reach   []span
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

// mostGets is how many blocks of one function, one after another, are got by their keys;
// more are looked for, because there may be none in most of the time.
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
	type wanted struct {
		change int
		number int64
	}
	var keys []table.Key
	var gets []wanted
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, c := range changes {
		out[i] = map[storedBlock]table.Item{}
		for _, r := range c.ranges(tenant, merged) {
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
		for _, b := range c.few() {
			gets = append(gets, wanted{i, b})
			keys = append(keys, c.key(tenant, b))
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for n, w := range gets {
		if items[n].Version != 0 {
			out[w.change][storedBlock{changes[w.change].class, w.number}] = items[n]
		}
	}
	return out, nil
}

// ranges are the queries for what is looked for: blocks of units, and all of a time where
// those of the class are not few.
func (o *valueChange) ranges(tenant string, merged *Merged) (out []blockRange) {
	wanted := Wanted{Class: Units, Series: measure.Series{o.value.Dim}, Prefix: seriesValue(o.value) + "/"}
	add := func(class Class, from, to int64) {
		wanted.Class = class
		r := Request{Tenant: tenant, From: from, To: to, Wanted: []Wanted{wanted}}
		out = append(out, r.ranges(merged)...)
	}
	if n := len(o.reach); n > 0 {
		add(Units, o.reach[0].From, o.reach[n-1].To)
	}
	for _, s := range o.reach {
		if first, last := o.blocks(s); last-first >= mostGets {
			add(o.class, o.class.first(first).Start(), o.class.first(last+1).Start())
		}
	}
	return out
}

// few are the blocks that are got by their keys.
func (o *valueChange) few() (out []int64) {
	for _, s := range o.reach {
		if first, last := o.blocks(s); last-first < mostGets {
			for b := first; b <= last; b++ {
				out = append(out, b)
			}
		}
	}
	return slices.Compact(out)
}

// blocks are those that hold the functions in a time.
func (o *valueChange) blocks(s span) (first, last int64) {
	return o.class.block(QuarterOf(s.From)), o.class.block(QuarterOf(max(s.From, s.To-1)))
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
// touch some times.
func storedSteps(v []byte, id measure.ID, of storedBlock, within []span) ([]step.Edge, error) {
	if len(v) == 0 {
		return nil, nil
	}
	var s Edges
	var out []step.Edge
	first := of.class.first(of.number)
	err := eachCell(v, func(c Column) bool { return c.Measure() == id }, func(_ Column, cell int16, sub int64, _ string, n int64) {
		if of.class.Shape() == Units {
			u := of.class.unitIn(of.number, cell)
			for _, w := range touching(within, u.From(), u.To()) {
				out = append(out, step.Edge{At: max(u.From(), w.From), N: n}, step.Edge{At: min(u.To(), w.To), N: -n})
			}
			return
		}
		if q := first + Quarter(cell); len(touching(within, q.Start(), (q+1).Start())) > 0 {
			s.Add(q, sub, n)
		}
	})
	return append(out, s.End()...), err
}

// touching are those of some spans, in order and apart, that have a part of [from, to).
func touching(spans []span, from, to int64) []span {
	first := sort.Search(len(spans), func(i int) bool { return spans[i].To > from })
	last := first + sort.Search(len(spans)-first, func(i int) bool { return spans[first+i].From >= to })
	return spans[first:last]
}
