package derive

import (
	"slices"
	"sort"

	"chatreports/shared/cell"
	"chatreports/shared/step"
)

// A maximum: the largest value of a function in each quarter hour, such as the largest
// queue. It is kept without what began in an earlier quarter and has not ended: that is
// in the largest whatever it is, and a level of its own (peaksOpen).

// peaks is the largest value in each quarter hour, less what began in an earlier one and
// has not ended. from and to are quarters' starts.
func peaks(f []function, from, to int64) []step.Edge {
	first := cell.QuarterOf(from)
	// What began before is in every value, and taken off again: leave it out.
	began := sort.Search(len(f[0].open), func(i int) bool { return cell.QuarterOf(f[0].open[i].At) >= first })
	open := f[0].open[began:]
	recent := function{ended: f[0].ended, open: open}

	var out quarterRuns
	at, most := first, int64(0) // of a quarter in which the function changes
	step.Sweep(recent.until(to), func(lo, hi, value int64) {
		if lo, hi = max(lo, from), min(hi, to); lo >= hi {
			return
		}
		if q := cell.QuarterOf(lo); q > at {
			out.run(at, at+1, most)
			at, most = q, 0
		}
		most = max(most, value)
		if last := cell.QuarterOf(hi - 1); last > at {
			out.run(at, at+1, most)
			out.run(at+1, last, value)
			at, most = last, value
		}
	})
	out.run(at, at+1, most)
	for _, e := range open {
		out.run(cell.QuarterOf(e.At)+1, cell.QuarterOf(to), -e.N)
	}
	return out
}

// peaksOpen: what has not ended is a part of the largest value of every later quarter,
// from the one after it began: a level without an end.
func peaksOpen(f []function) []step.Edge { return levelAfter(f[0].open) }

// peakThroughout is the function itself.
func peakThroughout(n []int64) int64 { return n[0] }

func levelAfter(open []step.Edge) []step.Edge {
	var out []step.Edge
	for _, e := range open {
		out = append(out, step.Edge{At: (cell.QuarterOf(e.At) + 1).Start(), N: e.N})
	}
	return out
}

// quarterRuns are the edges of a function of quarters.
type quarterRuns []step.Edge

// run adds a value in some quarters.
func (r *quarterRuns) run(from, to cell.Quarter, n int64) {
	if from < to && n != 0 {
		*r = append(*r, step.Edge{At: from.Start(), N: n}, step.Edge{At: to.Start(), N: -n})
	}
}

// net are the edges that a commit adds to the one function of a maximum, those that
// cancel each other left out: who waits no longer had begun to wait before, and that does
// not change.
func (o *valueChange) net() []step.Edge { return summed(slices.Concat(o.ended[0], o.open[0])) }

// reachOfPeaks: only quarters in which the function is changed need be looked at. In
// those between and after them it grows or shrinks as a whole, and its largest value with
// it.
func reachOfPeaks(c *valueChange, running []running, _ int64) {
	for _, e := range c.net() {
		q := cell.QuarterOf(e.At)
		switch n := len(c.reach); {
		case n > 0 && c.reach[n-1].To > e.At:
		case n > 0 && c.reach[n-1].To == q.Start():
			c.reach[n-1].To = (q + 1).Start()
		default:
			c.reach = append(c.reach, span{From: q.Start(), To: (q + 1).Start()})
		}
	}
	for _, s := range c.reach {
		c.was[0].open = append(c.was[0].open, running[0].within(s.From, s.To)...)
	}
}

// changeOfPeaks goes through the quarters in which the function is changed.
func changeOfPeaks(c *valueChange) (edges, open []step.Edge) {
	var out quarterRuns
	was := slices.Concat(c.was[0].ended, c.was[0].open)
	slices.SortFunc(was, func(a, b step.Edge) int { return byTime(a, b.At) })
	net, grown, next := c.net(), int64(0), cell.Quarter(0)
	for len(net) > 0 {
		q := cell.QuarterOf(net[0].At)
		out.run(next, q, grown)
		next = q + 1
		from, to := q.Start(), next.Start()
		n := sort.Search(len(net), func(i int) bool { return net[i].At >= to })
		shape := function{ended: was[sort.Search(len(was), func(i int) bool { return was[i].At >= from }):]}
		shape.ended = shape.ended[:sort.Search(len(shape.ended), func(i int) bool { return shape.ended[i].At >= to })]
		changed := append([]step.Edge{{At: from, N: grown}}, net[:n]...)
		out.run(q, next, largest(slices.Concat(shape.ended, changed), from)-largest(shape.ended, from))
		for _, e := range net[:n] {
			grown += e.N
		}
		net = net[n:]
	}
	// From there on the largest value and the level that has no end change alike.
	end := next
	for _, e := range c.open[0] {
		end = max(end, cell.QuarterOf(e.At)+1)
	}
	out.run(next, end, grown)
	for _, e := range c.open[0] {
		out.run(cell.QuarterOf(e.At)+1, end, -e.N)
	}
	return out, levelAfter(c.open[0])
}

// largest is the largest value of a function from a time on, all of whose edges are then
// or later.
func largest(edges []step.Edge, from int64) int64 {
	slices.SortFunc(edges, func(a, b step.Edge) int { return byTime(a, b.At) })
	value, i := int64(0), 0
	for ; i < len(edges) && edges[i].At == from; i++ {
		value += edges[i].N
	}
	most := value
	for i < len(edges) {
		at := edges[i].At
		for ; i < len(edges) && edges[i].At == at; i++ {
			value += edges[i].N
		}
		most = max(most, value)
	}
	return most
}
