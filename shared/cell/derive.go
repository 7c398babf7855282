package cell

import (
	"maps"
	"slices"
	"sort"

	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// Some measures are no sum over facts. For how long an agent was in any chat is a union
// over chats, the largest queue in a quarter hour a maximum over all who waited. Both
// follow from functions of time (in how many chats an agent is, how many wait) that many
// facts make up together. Such a measure is called derived.
//
// It is kept as if it were a sum all the same. Whoever commits computes what the commit
// changes in the measure, from the functions as they stand at the number of the log
// before (see View), and puts that into the log beside the differences it follows from.
// So it adds up as everything else does, and a reader knows no difference.

// derivation is how one derived measure follows from functions.
type derivation struct {
	of   measure.ID
	from []measure.ID  // its bases: each is a function of time, one for every value
	dims []measure.Dim // the dimensions whose values have such functions
	rule
}

// rule is how functions make up a measure; measure.Rule names it. What follows is told
// in the two parts that contributions have: what has ended, and what has no end.
type rule struct {
	// finite is what follows for [from, to): edges that add up to zero.
	finite func(f []function, from, to int64) []step.Edge
	// open is what follows and has no end: how many begin at a time.
	open func(f []function) []step.Edge
	// reach is the time outside which finite stays the same when the functions change.
	// They change within changed and, where anything without an end changes, within
	// open, which goes as far as anything is known. was and is are what open, the
	// rule's, says before and after.
	reach func(changed, open span, was, is []step.Edge) span
}

var rules = map[measure.Rule]rule{
	measure.Both:    {finite: together, open: togetherOpen, reach: reachOfTogether},
	measure.Largest: {finite: peaks, open: peaksOpen, reach: reachOfPeaks},
}

// derivations are those of the catalogue. All bases of one have the same series, and
// each series is of one dimension: its values have functions.
var derivations = func() (out []derivation) {
	for i := range measure.Catalogue {
		m := &measure.Catalogue[i]
		if m.Rule == measure.OfFacts {
			continue
		}
		d := derivation{of: m.ID, from: m.Of, rule: rules[m.Rule]}
		for _, s := range measure.Get(m.Of[0]).Series {
			d.dims = append(d.dims, s[0])
		}
		out = append(out, d)
	}
	return out
}()

// bases are the measures that others are derived from.
var bases = func() *Measures {
	var out Measures
	for _, d := range derivations {
		for _, id := range d.from {
			out[id] = true
		}
	}
	return &out
}()

// isDerived are the measures that are.
var isDerived = func() *Measures {
	var out Measures
	for _, d := range derivations {
		out[d.of] = true
	}
	return &out
}()

type span = step.Span

// function is a step function, in two parts: the edges of what has ended, and how many
// of what has not ended began at a time.
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
	first := measure.Forever
	for _, e := range f.open {
		first = min(first, e.At)
	}
	return first
}

// together is 1 where both functions are above zero. It ends where both are for good:
// from there on it is one open level (togetherOpen), so that what happens later changes
// nothing.
func together(f []function, from, to int64) []step.Edge {
	to = min(to, max(f[0].forGood(), f[1].forGood()))
	var out []step.Edge
	for _, s := range step.Both(step.Above(f[0].until(to)), step.Above(f[1].until(to))) {
		if s.From, s.To = max(s.From, from), min(s.To, to); s.From < s.To {
			out = append(out, step.Edge{At: s.From, N: 1}, step.Edge{At: s.To, N: -1})
		}
	}
	return out
}

// togetherOpen is the level that has no end: both functions are above zero for good.
func togetherOpen(f []function) []step.Edge {
	if since := max(f[0].forGood(), f[1].forGood()); since != measure.Forever {
		return []step.Edge{{At: since, N: 1}}
	}
	return nil
}

// reachOfTogether: the union changes where the functions do. A beginning without an end
// may change it at any later time, as far as anything is known, but not after both
// functions are above zero for good.
func reachOfTogether(changed, open span, was, is []step.Edge) span {
	for _, since := range [][]step.Edge{was, is} {
		switch {
		case open.From == open.To:
		case len(since) == 0:
			changed.To = max(changed.To, open.To)
		default:
			changed.To = max(changed.To, since[0].At)
		}
	}
	return changed
}

// peaks is the largest value in each quarter hour, without what began in an earlier one
// and has not ended: that is in the largest whatever it is. from and to are quarters'
// starts.
func peaks(f []function, from, to int64) []step.Edge {
	first := QuarterOf(from)
	// What began before is in every value, and taken off again: leave it out.
	began := sort.Search(len(f[0].open), func(i int) bool { return QuarterOf(f[0].open[i].At) >= first })
	open := f[0].open[began:]
	recent := function{ended: f[0].ended, open: open}

	var out []step.Edge
	run := func(from, to Quarter, n int64) { // the largest is n in some quarters
		if from < to && n != 0 {
			out = append(out, step.Edge{At: from.Start(), N: n}, step.Edge{At: to.Start(), N: -n})
		}
	}
	at, most := first, int64(0) // of a quarter in which the function changes
	step.Sweep(recent.until(to), func(lo, hi, value int64) {
		if lo, hi = max(lo, from), min(hi, to); lo >= hi {
			return
		}
		if q := QuarterOf(lo); q > at {
			run(at, at+1, most)
			at, most = q, 0
		}
		most = max(most, value)
		if last := QuarterOf(hi - 1); last > at {
			run(at, at+1, most)
			run(at+1, last, value)
			at, most = last, value
		}
	})
	run(at, at+1, most)
	for _, e := range open {
		run(QuarterOf(e.At)+1, QuarterOf(to), -e.N)
	}
	return out
}

// peaksOpen: what has not ended is a part of the largest value of every later quarter,
// from the one after it began: a level without an end.
func peaksOpen(f []function) []step.Edge {
	var out []step.Edge
	for _, e := range f[0].open {
		out = append(out, step.Edge{At: (QuarterOf(e.At) + 1).Start(), N: e.N})
	}
	return out
}

// reachOfPeaks: the maximum changes in the quarters in which its function does. In later
// ones what has not ended changes a level only.
func reachOfPeaks(changed, _ span, _, _ []step.Edge) span {
	return span{From: QuarterOf(changed.From).Start(), To: (QuarterOf(changed.To) + 1).Start()}
}

// fill makes a derivation's contributions of one value: what the edges say, each as long
// as they say the same, and what has not ended.
func (d *derivation) fill(v measure.Value, edges, open []step.Edge) []Difference {
	var out []Difference
	add := func(at, until, n int64) {
		c := measure.Contribution{Measure: d.of, At: at, Until: until, Dims: parents(v), N: n}
		out = append(out, Difference{Fact: derivedFact(v), Contribution: c})
	}
	step.Sweep(edges, func(from, to, value int64) {
		switch last := len(out) - 1; {
		case value == 0:
		case last >= 0 && out[last].Until == from && out[last].N == value:
			out[last].Until = to
		default:
			add(from, to, value)
		}
	})
	n := map[int64]int64{}
	for _, e := range open {
		n[e.At] += e.N
	}
	for _, at := range slices.Sorted(maps.Keys(n)) {
		if n[at] != 0 {
			add(at, measure.Forever, n[at])
		}
	}
	return out
}

// change gives what is to be added when the functions of one value become others: what
// follows from those that are, less what followed from those that were. Outside reach it
// is the same.
func (d *derivation) change(v measure.Value, was, is []function, reach span) []Difference {
	edges, open := d.finite(is, reach.From, reach.To), d.open(is)
	for _, e := range d.finite(was, reach.From, reach.To) {
		edges = append(edges, step.Edge{At: e.At, N: -e.N})
	}
	for _, e := range d.open(was) {
		open = append(open, step.Edge{At: e.At, N: -e.N})
	}
	return d.fill(v, edges, open)
}

// derivedFact stands where other differences name their fact. It is stored.
func derivedFact(v measure.Value) string { return table.Join("derived", v.Dim.String(), v.ID) }

// parents are what a value's share counts for: an agent's for the site, an agent's
// in a department for the department.
func parents(v measure.Value) measure.Dims {
	switch v.Dim {
	case measure.Agent:
		return measure.Dims{{Dim: measure.Site}, v}
	case measure.AgentDepartment:
		_, department := measure.Unpair(v.ID)
		return measure.Dims{{Dim: measure.Department, ID: department}, v}
	}
	return measure.Dims{v}
}

// Edges turns the numbers of a step function, added quarter by quarter in order,
// into edges that end with each quarter.
type Edges struct {
	q     Quarter
	sum   int64
	edges []step.Edge
}

// Add adds a number as Block.Each gives it.
func (e *Edges) Add(q Quarter, sub, n int64) {
	if q != e.q {
		e.End()
		e.q = q
	}
	at := q.Start()
	if sub != AtStart {
		at += sub
	}
	e.edges = append(e.edges, step.Edge{At: at, N: n})
	e.sum += n
}

// End gives all edges.
func (e *Edges) End() []step.Edge {
	if e.sum != 0 {
		e.edges = append(e.edges, step.Edge{At: (e.q + 1).Start(), N: -e.sum})
		e.sum = 0
	}
	return e.edges
}
