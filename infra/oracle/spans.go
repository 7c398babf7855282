package oracle

import (
	"math"
	"slices"
)

// forever is the end of what has not ended.
const forever = math.MaxInt64

// span is the time from s (in) to e (out), in Unix milliseconds.
type span struct{ s, e int64 }

func (x span) holds(at int64) bool { return x.s <= at && at < x.e }

func holds(list []span, at int64) bool {
	return slices.ContainsFunc(list, func(x span) bool { return x.holds(at) })
}

// fix ends what is still open now, and leaves out what is empty.
func fix(list []span, now int64) []span {
	var out []span
	for _, x := range list {
		if x.e == forever {
			x.e = now
		}
		if x.s < x.e {
			out = append(out, x)
		}
	}
	return out
}

// upTo is the part of the spans before now.
func upTo(list []span, now int64) []span { return both(list, []span{{math.MinInt64, now}}) }

// union is the time in at least one of the spans: in order, none touching another.
func union(list []span) []span {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b span) int {
		switch {
		case a.s < b.s:
			return -1
		case a.s > b.s:
			return 1
		}
		return 0
	})
	var out []span
	for _, x := range sorted {
		if x.s >= x.e {
			continue
		}
		if n := len(out); n > 0 && x.s <= out[n-1].e {
			out[n-1].e = max(out[n-1].e, x.e)
		} else {
			out = append(out, x)
		}
	}
	return out
}

// both is the time in a span of a and in a span of b.
func both(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			if s, e := max(x.s, y.s), min(x.e, y.e); s < e {
				out = append(out, span{s, e})
			}
		}
	}
	return union(out)
}

// without is the time in a span of a and in none of b.
func without(a, b []span) []span {
	rest, from := []span{}, int64(math.MinInt64)
	for _, x := range union(b) {
		rest, from = append(rest, span{from, x.s}), x.e
	}
	return both(a, append(rest, span{from, forever}))
}

// within adds up, in milliseconds, the part of every span that is in [from, to).
func within(list []span, from, to int64) int64 {
	var sum int64
	for _, x := range list {
		if s, e := max(x.s, from), min(x.e, to); s < e {
			sum += e - s
		}
	}
	return sum
}

// length adds up all spans.
func length(list []span) int64 { return within(list, math.MinInt64, math.MaxInt64) }
