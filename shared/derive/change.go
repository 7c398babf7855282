package derive

import (
	"context"
	"slices"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// valueChange is what a commit changes in the functions of one derived measure for one
// value: an agent, an agent in a department, a queue.
type valueChange struct {
	d     *derivation
	value measure.Value
	class cell.Class // of the blocks that hold the functions
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
func changesOf(diffs []cell.Difference) []*valueChange {
	type key struct {
		d     *derivation
		value measure.Value
	}
	known := map[key]*valueChange{}
	var out []*valueChange
	for i := range diffs {
		c := &diffs[i].Contribution
		if !Bases.Has(c.Measure) {
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
						d: d, value: v, class: cell.Steps.Of(d.from[0], measure.Series{v.Dim}), changed: span{From: measure.Forever, To: -measure.Forever}, since: measure.Forever,
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
	class  cell.Class
	number int64
}

// readsAtOnce is how many queries for blocks run at once.
const readsAtOnce = 128

// blocksOf reads the blocks of each change, those of units among them: those that there
// are. merged is as of the number of the log that they are read for, or before it.
func blocksOf(ctx context.Context, state table.Table, tenant string, merged cell.Merged, changes []*valueChange) ([]map[storedBlock]cell.Block, error) {
	out := make([]map[storedBlock]cell.Block, len(changes))
	var ids []cell.BlockID
	var keys []table.Key
	var of []int // the change of each key
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readsAtOnce)
	for i, c := range changes {
		out[i] = map[storedBlock]cell.Block{}
		for _, r := range c.requests(tenant) {
			g.Go(func() error {
				blocks, err := counter.Blocks(gctx, state, r, merged)
				mu.Lock()
				defer mu.Unlock()
				for _, b := range blocks {
					if b.Value == seriesValue(c.value) {
						out[i][storedBlock{b.Class, b.Number}] = b.Block
					}
				}
				return err
			})
		}
		for _, b := range c.few() {
			id := cell.BlockID{Class: c.class, Series: measure.Series{c.value.Dim}, Value: seriesValue(c.value), Number: b}
			ids, keys, of = append(ids, id), append(keys, id.Key(tenant)), append(of, i)
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for n, id := range ids {
		if items[n].Version != 0 {
			out[of[n]][storedBlock{id.Class, id.Number}] = cell.NewBlock(id, items[n])
		}
	}
	return out, nil
}

// requests are the queries for what is looked for: blocks of units, and all of a time
// where those of the class are not few.
func (o *valueChange) requests(tenant string) (out []counter.Request) {
	add := func(class cell.Class, from, to int64) {
		w := counter.Wanted{Class: class, Series: measure.Series{o.value.Dim}, Prefix: seriesValue(o.value) + "/"}
		out = append(out, counter.Request{Tenant: tenant, From: from, To: to, Wanted: []counter.Wanted{w}})
	}
	if n := len(o.reach); n > 0 {
		add(cell.Units, o.reach[0].From, o.reach[n-1].To)
	}
	for _, s := range o.reach {
		if first, last := o.blocks(s); last-first >= mostGets {
			add(o.class, o.class.First(first).Start(), o.class.First(last+1).Start())
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
	return o.class.Number(cell.QuarterOf(s.From)), o.class.Number(cell.QuarterOf(max(s.From, s.To-1)))
}

// seriesValue is a value as the keys of blocks have it.
func seriesValue(v measure.Value) (text string) {
	c := measure.Contribution{Dims: measure.Dims{v}}
	c.EachSeries(measure.Series{v.Dim}, func(value string) { text = value })
	return text
}

// storedSteps gives the edges of one function in a block, as far as its quarters or units
// touch some times.
func storedSteps(b *cell.Block, id measure.ID, within []span) (out []step.Edge, err error) {
	want := func(of measure.ID) bool { return of == id }
	if b.Class.Shape() == cell.Units {
		err = b.EachUnit(want, func(_ measure.ID, u cell.Unit, n int64) {
			for _, w := range touching(within, u.From(), u.To()) {
				out = append(out, step.Edge{At: max(u.From(), w.From), N: n}, step.Edge{At: min(u.To(), w.To), N: -n})
			}
		})
		return out, err
	}
	var s cell.Edges
	err = b.Each(want, func(_ cell.Column, q cell.Quarter, sub int64, _ string, n int64) {
		if len(touching(within, q.Start(), (q+1).Start())) > 0 {
			s.Add(q, sub, n)
		}
	})
	return s.End(), err
}

// touching are those of some spans, in order and apart, that have a part of [from, to).
func touching(spans []span, from, to int64) []span {
	first := sort.Search(len(spans), func(i int) bool { return spans[i].To > from })
	last := first + sort.Search(len(spans)-first, func(i int) bool { return spans[first+i].From >= to })
	return spans[first:last]
}
