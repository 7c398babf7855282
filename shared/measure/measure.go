// Package measure is the catalogue: what is counted, in which unit and shape,
// for whom, and the function from a fact to its contributions. In: a fact. Out:
// contributions that can be added up in any order. It knows no storage, no
// reports and no clock.
package measure

import (
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/tuple"
)

// Forever is the end of a level that has not ended. Samples with this end are
// still growing: see Grown.
const Forever = int64(1) << 62

// Value is one value of a dimension.
type Value struct {
	Dim Dim
	ID  string
}

// Dims are the values a contribution counts for, sorted, each once.
type Dims []Value

// Of returns the values of one dimension.
func (d Dims) Of(dim Dim) []string {
	var out []string
	for _, v := range d {
		if v.Dim == dim {
			out = append(out, v.ID)
		}
	}
	return out
}

// Has says whether a value is among them.
func (d Dims) Has(dim Dim, id string) bool { return slices.Contains(d, Value{dim, id}) }

func (d Dims) normal() Dims {
	slices.SortFunc(d, func(a, b Value) int {
		if a.Dim != b.Dim {
			return int(a.Dim) - int(b.Dim)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return slices.Compact(d)
}

// Contribution is what a fact adds to a measure. Two contributions that differ
// in N only add up.
type Contribution struct {
	Measure ID
	// At is when it counts, in Unix milliseconds. Until is 0 for a point in time,
	// the end of a level (exclusive), or Forever.
	At, Until int64
	Value     int64
	Key       string
	Dims      Dims
	N         int64
}

func (c *Contribution) same(o *Contribution) bool {
	return c.Measure == o.Measure && c.At == o.At && c.Until == o.Until && c.Value == o.Value && c.Key == o.Key && slices.Equal(c.Dims, o.Dims)
}

// Difference is new minus old: what must be added to what old had contributed.
func Difference(old, new []Contribution) []Contribution {
	for len(old) > 0 && len(new) > 0 && old[0].N == new[0].N && old[0].same(&new[0]) {
		old, new = old[1:], new[1:]
	}
	for len(old) > 0 && len(new) > 0 && old[len(old)-1].N == new[len(new)-1].N && old[len(old)-1].same(&new[len(new)-1]) {
		old, new = old[:len(old)-1], new[:len(new)-1]
	}
	out := make([]Contribution, 0, len(old)+len(new))
	for _, c := range new {
		out = collect(out, c)
	}
	for _, c := range old {
		c.N = -c.N
		out = collect(out, c)
	}
	return slices.DeleteFunc(out, func(c Contribution) bool { return c.N == 0 })
}

// maxScan bounds the quadratic search of collect; beyond it equal contributions
// simply stand twice, which adds up to the same.
const maxScan = 64

func collect(out []Contribution, c Contribution) []Contribution {
	for i := len(out) - 1; i >= max(0, len(out)-maxScan); i-- {
		if out[i].same(&c) {
			out[i].N += c.N
			return out
		}
	}
	return append(out, c)
}

// EachSeries yields the values of a series that a contribution counts for.
func (c *Contribution) EachSeries(s Series, f func(value string)) {
	for _, v := range c.Dims {
		if v.Dim != s[0] {
			continue
		}
		first := v.ID
		if !s[0].pair() {
			first = tuple.Join(v.ID)
		}
		if s[1] == None {
			f(first)
			continue
		}
		for _, w := range c.Dims {
			if w.Dim == s[1] {
				f(first + "/" + tuple.Join(w.ID))
			}
		}
	}
}

// Grown is the value at a moment of samples that are still growing.
func (c *Contribution) Grown(now int64) int64 {
	since, _ := strconv.ParseInt(c.Key, 36, 64)
	return c.Value + max(0, now-since)
}
