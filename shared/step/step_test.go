package step_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"chatreports/shared/step"
)

// Everything agrees with looking at each moment by itself.
func TestEachMoment(t *testing.T) {
	const end = 40
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		random := func() (edges []step.Edge, at [end]int64) {
			for range r.IntN(6) {
				from := r.Int64N(end)
				to := from + r.Int64N(end-from) + 1
				n := r.Int64N(4) - 1
				edges = append(edges, step.Edge{At: from, N: n}, step.Edge{At: to, N: -n})
				for i := from; i < to; i++ {
					at[i] += n
				}
			}
			r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
			return edges, at
		}
		a, atA := random()
		b, atB := random()
		most, both := int64(0), int64(0)
		var covered [end]bool
		for i := range end {
			most = max(most, atA[i])
			if atA[i] > 0 && atB[i] > 0 {
				both++
			}
		}
		if got := step.Max(a); got != most {
			t.Fatalf("seed %d: the largest is %d, not %d", seed, got, most)
		}
		spans := step.Above(a)
		for i, s := range spans {
			if i > 0 && s.From <= spans[i-1].To || s.From >= s.To {
				t.Fatalf("seed %d: spans %v", seed, spans)
			}
			for m := s.From; m < s.To; m++ {
				covered[m] = true
			}
		}
		for i := range end {
			if covered[i] != (atA[i] > 0) {
				t.Fatalf("seed %d: at %d above zero: %v, value %d", seed, i, covered[i], atA[i])
			}
		}
		if got := step.Length(step.Both(spans, step.Above(b))); got != both {
			t.Fatalf("seed %d: both for %d, not %d", seed, got, both)
		}
		if !slices.Equal(step.Both(spans, step.Above(b)), step.Both(step.Above(b), spans)) {
			t.Fatalf("seed %d: the order of the two matters", seed)
		}
	}
}
