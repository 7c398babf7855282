package cell

import "chatreports/shared/step"

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
