package derive

import (
	"cmp"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// Whole derives from all of the functions of some days, by the rules that commits use, but
// computed for whole days and not added up of what single commits changed: so an audit
// finds where one of them went wrong. Show it the functions first.
type Whole struct {
	ended, open map[functionID][]step.Edge
	units       map[functionID]map[cell.Unit]int64
}

// NewWhole knows of no function yet.
func NewWhole() *Whole {
	return &Whole{ended: map[functionID][]step.Edge{}, open: map[functionID][]step.Edge{}, units: map[functionID]map[cell.Unit]int64{}}
}

// Ended takes the edges of what has ended of a function, those of the days as a whole.
func (w *Whole) Ended(of measure.ID, value measure.Value, edges []step.Edge) {
	w.ended[functionID{of, value}] = summed(edges)
}

// Open takes a contribution that has not ended, or the taking back of one. Of those that
// belong to no function it takes no notice.
func (w *Whole) Open(c *measure.Contribution) {
	if !Bases.Has(c.Measure) {
		return
	}
	for _, v := range c.Dims {
		id := functionID{c.Measure, v}
		w.open[id] = append(w.open[id], step.Edge{At: c.At, N: c.N})
	}
}

// Lasts takes a contribution that has ended, or the taking back of one, as far as it lasts
// throughout units.
func (w *Whole) Lasts(c *measure.Contribution) {
	if !Bases.Has(c.Measure) {
		return
	}
	parts := cell.CoverOf(c.At, c.Until)
	for _, v := range c.Dims {
		id := functionID{c.Measure, v}
		if w.units[id] == nil {
			w.units[id] = map[cell.Unit]int64{}
		}
		parts.EachUnit(func(u cell.Unit) { w.units[id][u] += c.N })
	}
}

// Throughout yields what follows throughout units from what lasts throughout them. It may
// be less than what there is: of a union of many short times nothing is known here, and all
// of it stands in the days.
func (w *Whole) Throughout(f func(cell.Difference)) {
	for i := range derivations {
		d := &derivations[i]
		found := map[measure.Value]map[cell.Unit]int64{} // what follows
		for _, id := range d.from {
			for function, units := range w.units {
				for u := range units {
					if function.of == id && slices.Contains(d.dims, function.value.Dim) {
						if found[function.value] == nil {
							found[function.value] = map[cell.Unit]int64{}
						}
						found[function.value][u] = 0
					}
				}
			}
		}
		for v, units := range found {
			// The widest first: what follows there is a part of what follows within.
			for _, u := range slices.SortedFunc(maps.Keys(units), func(a, b cell.Unit) int { return cmp.Compare(b.Class(), a.Class()) }) {
				n, known := make([]int64, len(d.from)), int64(0)
				for in, ok := u, true; ok; in, ok = in.Wider() {
					known += units[in]
					for j, id := range d.from {
						n[j] += w.units[functionID{id, v}][in]
					}
				}
				if units[u] = d.throughout(n) - known; units[u] != 0 {
					for _, diff := range d.fill(v, []step.Edge{{At: u.From(), N: units[u]}, {At: u.To(), N: -units[u]}}, nil) {
						f(diff)
					}
				}
			}
		}
	}
}

// Derive yields what follows for some days, in order, and what follows and has not ended.
func (w *Whole) Derive(days []cell.Day, f func(cell.Difference)) {
	for id, edges := range w.open {
		w.open[id] = summed(edges)
	}
	for i := range derivations {
		d := &derivations[i]
		values := map[measure.Value]bool{}
		for _, id := range d.from {
			for f := range w.ended {
				values[f.value] = values[f.value] || f.of == id
			}
			for f := range w.open {
				values[f.value] = values[f.value] || f.of == id
			}
		}
		for v, has := range values {
			if !has || !slices.Contains(d.dims, v.Dim) {
				continue
			}
			functions, rest := make([]function, len(d.from)), make([]cut, len(d.from))
			for n, id := range d.from {
				functions[n].open, rest[n].edges = w.open[functionID{id, v}], w.ended[functionID{id, v}]
			}
			diffs := d.fill(v, nil, d.open(functions))
			for _, day := range days {
				from, to := int64(day), int64(day)+cell.DayMillis
				for n := range rest {
					functions[n].ended = rest[n].next(from, to)
				}
				diffs = append(diffs, d.fill(v, d.finite(functions, from, to), nil)...)
			}
			for _, diff := range diffs {
				f(diff)
			}
		}
	}
}

// cut cuts a function, whose edges are in order, into stretches from the first on: so that
// a day costs what happens on it, however many there are before and after.
type cut struct {
	edges []step.Edge // that are later
	value int64       // before them
}

// next is the function in [from, to), which is not before the stretch asked for last, and
// zero outside.
func (c *cut) next(from, to int64) []step.Edge {
	for len(c.edges) > 0 && c.edges[0].At <= from {
		c.value += c.edges[0].N
		c.edges = c.edges[1:]
	}
	out := []step.Edge{{At: from, N: c.value}}
	for len(c.edges) > 0 && c.edges[0].At < to {
		out = append(out, c.edges[0])
		c.value += c.edges[0].N
		c.edges = c.edges[1:]
	}
	return append(out, step.Edge{At: to, N: -c.value})
}
