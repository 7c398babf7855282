// Package step calculates with functions of time that change in steps: how many
// were waiting, whether somebody was there. It knows nothing but numbers.
package step

import (
	"cmp"
	"slices"
)

// Edge is a change of a function: by N at a time, in Unix milliseconds. Before its
// first edge a function is 0.
type Edge struct{ At, N int64 }

// Span is a stretch of time, half-open.
type Span struct{ From, To int64 }

// Sweep calls f with every stretch between two changes and the value in it, in
// order. It sorts the edges.
func Sweep(edges []Edge, f func(from, to, value int64)) {
	slices.SortFunc(edges, func(a, b Edge) int { return cmp.Compare(a.At, b.At) })
	value := int64(0)
	for i := 0; i < len(edges); {
		at := edges[i].At
		for ; i < len(edges) && edges[i].At == at; i++ {
			value += edges[i].N
		}
		if i < len(edges) {
			f(at, edges[i].At, value)
		}
	}
}

// Max is the largest value, at least 0.
func Max(edges []Edge) int64 {
	most := int64(0)
	Sweep(edges, func(_, _, value int64) { most = max(most, value) })
	return most
}

// Above lists where a function is above zero: spans that do not touch, in order.
func Above(edges []Edge) []Span {
	var out []Span
	Sweep(edges, func(from, to, value int64) {
		switch n := len(out); {
		case value <= 0:
		case n > 0 && out[n-1].To == from:
			out[n-1].To = to
		default:
			out = append(out, Span{from, to})
		}
	})
	return out
}

// Both lists what two lists of spans, each in order and apart, have in common.
func Both(a, b []Span) []Span {
	var out []Span
	for len(a) > 0 && len(b) > 0 {
		if from, to := max(a[0].From, b[0].From), min(a[0].To, b[0].To); from < to {
			out = append(out, Span{from, to})
		}
		if a[0].To < b[0].To {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// Length is how long spans are together.
func Length(spans []Span) int64 {
	ms := int64(0)
	for _, s := range spans {
		ms += s.To - s.From
	}
	return ms
}
