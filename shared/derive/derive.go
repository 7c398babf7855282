// Package derive computes the measures that are no sum over facts. For how long an agent was
// in any chat is a union over chats, the largest queue in a quarter hour a maximum over all
// who waited. Both follow from functions of time (in how many chats an agent is, how many
// wait) that many facts make up together. Such a measure is called derived.
//
// It is kept as if it were a sum all the same. Whoever commits computes what the commit
// changes in the measure, from the functions as they stand at the number of the log before
// (View), and puts that into the log beside the differences it follows from. So it adds up
// as everything else does, and a reader knows no difference. An audit computes it again
// from all facts (Whole).
package derive

import (
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

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
	// throughout is what follows where each function has a value throughout a time, and
	// nothing else happens.
	throughout func(n []int64) int64
	// These two say what a commit changes, from no more than it takes. reach finds out
	// what of the functions that is: it sets the times in which what has ended is read,
	// and what had not ended before. running is that, of each function; nothing is known
	// of a time from horizon on. change is what is to be added: the second part begins and
	// has no end.
	reach  func(c *valueChange, running []running, horizon int64)
	change func(c *valueChange) (edges, open []step.Edge)
}

var rules = map[measure.Rule]rule{
	measure.Both:    {finite: together, open: togetherOpen, throughout: togetherThroughout, reach: reachOfTogether, change: changeOfTogether},
	measure.Largest: {finite: peaks, open: peaksOpen, throughout: peakThroughout, reach: reachOfPeaks, change: changeOfPeaks},
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

// Bases are the measures that others are derived from.
var Bases = func() *cell.Measures {
	var out cell.Measures
	for _, d := range derivations {
		for _, id := range d.from {
			out[id] = true
		}
	}
	return &out
}()

// Derived are the measures that are.
var Derived = func() *cell.Measures {
	var out cell.Measures
	for _, d := range derivations {
		out[d.of] = true
	}
	return &out
}()

type span = step.Span

// fill makes a derivation's contributions of one value: what the edges say, each as long
// as they say the same, and what has not ended.
func (d *derivation) fill(v measure.Value, edges, open []step.Edge) []cell.Difference {
	var out []cell.Difference
	add := func(at, until, n int64) {
		c := measure.Contribution{Measure: d.of, At: at, Until: until, Dims: parents(v), N: n}
		out = append(out, cell.Difference{Fact: derivedFact(v), Contribution: c})
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

// change gives what is to be added when a commit changes the functions of one value.
func (d *derivation) change(c *valueChange) []cell.Difference {
	edges, open := d.rule.change(c)
	return d.fill(c.value, edges, open)
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
