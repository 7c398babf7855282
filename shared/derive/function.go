package derive

import (
	"cmp"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// function is a step function, in two parts: the edges of what has ended, and how many
// of what has not ended began at a time, in order.
type function struct{ ended, open []step.Edge }

// until gives all edges as if what has not ended did at a time.
func (f *function) until(to int64) []step.Edge {
	out := slices.Clone(f.ended)
	for _, e := range f.open {
		if e.At < to {
			out = append(out, e, step.Edge{At: to, N: -e.N})
		}
	}
	return out
}

// forGood is from when on the function stays above zero, as far as is known: something
// began then that has not ended.
func (f *function) forGood() int64 {
	if len(f.open) == 0 {
		return measure.Forever
	}
	return f.open[0].At
}

// running is what has not ended of a function, as it is kept in memory: how many began
// at a time, in order. There may be very many, of which a commit changes a few; so what
// ends leaves a zero behind, until there are more zeros than others.
type running struct {
	edges []step.Edge
	zeros int
}

func byTime(e step.Edge, at int64) int { return cmp.Compare(e.At, at) }

// add adds changes, which it sorts.
func (r *running) add(changes []step.Edge) {
	changes = summed(changes)
	var fresh []step.Edge
	for _, e := range changes {
		at, known := slices.BinarySearchFunc(r.edges, e.At, byTime)
		if !known {
			fresh = append(fresh, e)
			continue
		}
		if r.edges[at].N == 0 {
			r.zeros--
		}
		if r.edges[at].N += e.N; r.edges[at].N == 0 {
			r.zeros++
		}
	}
	if n := len(r.edges); n > 0 && len(fresh) > 0 && fresh[0].At < r.edges[n-1].At {
		r.edges, r.zeros = summed(append(slices.Clone(r.edges), fresh...)), 0
	} else {
		r.edges = append(r.edges, fresh...)
	}
	if 2*r.zeros > len(r.edges) {
		r.edges, r.zeros = slices.DeleteFunc(r.edges, isZero), 0
	}
}

// first is what began first once changes, in order, are added: no edge if there is none.
func (r *running) first(changes []step.Edge) []step.Edge {
	edges := r.edges
	for len(edges) > 0 || len(changes) > 0 {
		var e step.Edge
		if len(changes) == 0 || len(edges) > 0 && edges[0].At < changes[0].At {
			e, edges = edges[0], edges[1:]
		} else {
			e, changes = changes[0], changes[1:]
			if len(edges) > 0 && edges[0].At == e.At {
				e.N += edges[0].N
				edges = edges[1:]
			}
		}
		if e.N != 0 {
			return []step.Edge{e}
		}
	}
	return nil
}

// within is what began in [from, to).
func (r *running) within(from, to int64) []step.Edge {
	first, _ := slices.BinarySearchFunc(r.edges, from, byTime)
	last, _ := slices.BinarySearchFunc(r.edges, to, byTime)
	return r.edges[first:last]
}

func isZero(e step.Edge) bool { return e.N == 0 }

// summed sorts edges, and makes one of those at one time; zeros it leaves out.
func summed(edges []step.Edge) []step.Edge {
	slices.SortFunc(edges, func(a, b step.Edge) int { return cmp.Compare(a.At, b.At) })
	out := edges[:0]
	for _, e := range edges {
		if n := len(out) - 1; n >= 0 && out[n].At == e.At {
			out[n].N += e.N
		} else {
			out = append(out, e)
		}
	}
	return slices.DeleteFunc(out, isZero)
}

// less takes edges off others.
func less(edges, off []step.Edge) []step.Edge {
	for _, e := range off {
		edges = append(edges, step.Edge{At: e.At, N: -e.N})
	}
	return edges
}
