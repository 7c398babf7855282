package report

import (
	"slices"

	"chatreports/shared/step"
)

// Total is what a measure adds up to in one bucket of one entity.
type Total struct {
	// N is the count: of things, or of samples.
	N int64
	// Millis is the total of samples, or the time a level covers.
	Millis int64
	// Seconds counts samples by whole second.
	Seconds map[int64]int64
	// Keys counts by string key.
	Keys map[string]int64

	edges *[]step.Edge // behind a pointer, because nearly no total has any
}

func (t *Total) edge(e ...step.Edge) {
	if t.edges == nil {
		t.edges = new([]step.Edge)
	}
	*t.edges = append(*t.edges, e...)
}

func (t *Total) second(s, n int64) {
	if t.Seconds == nil {
		t.Seconds = map[int64]int64{}
	}
	t.Seconds[s] += n
}

func (t *Total) key(k string, n int64) {
	if t.Keys == nil {
		t.Keys = map[string]int64{}
	}
	t.Keys[k] += n
}

// Add adds another total of the same measure.
func (t *Total) Add(o *Total) {
	t.N += o.N
	t.Millis += o.Millis
	for s, n := range o.Seconds {
		t.second(s, n)
	}
	for k, n := range o.Keys {
		t.key(k, n)
	}
}

// Max is the largest value of a step function in the bucket.
func (t *Total) Max() int64 {
	if t.edges == nil {
		return 0
	}
	return step.Max(*t.edges)
}

// Present is for how many milliseconds a step function was above zero.
func (t *Total) Present() int64 {
	if t.edges == nil {
		return 0
	}
	return step.Length(step.Above(*t.edges))
}

// Longest is the largest whole second any sample had.
func (t *Total) Longest() int64 {
	best := int64(0)
	for s, n := range t.Seconds {
		if n > 0 {
			best = max(best, s)
		}
	}
	return best
}

// Below is how many samples are shorter than so many seconds.
func (t *Total) Below(seconds int64) (n int64) {
	for s, count := range t.Seconds {
		if s < seconds {
			n += count
		}
	}
	return n
}

// Percentile is the whole second below or at which p percent of the samples lie
// (nearest rank), or 0 without samples.
func (t *Total) Percentile(p float64) int64 {
	var seconds []int64
	total := int64(0)
	for s, n := range t.Seconds {
		if n > 0 {
			seconds = append(seconds, s)
			total += n
		}
	}
	slices.Sort(seconds)
	left := p / 100 * float64(total)
	for _, s := range seconds {
		if left -= float64(t.Seconds[s]); left <= 1e-9 {
			return s
		}
	}
	return 0
}
