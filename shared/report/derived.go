package report

import (
	"slices"

	"chatreports/shared/measure"
)

// derivation computes a derived measure from a plan of its own.
type derivation struct {
	plan *plan
	fill func(main *plan)
}

// derivations lists what must be read besides for derived measures.
func (p *plan) derivations() ([]derivation, error) {
	var out []derivation
	for i, w := range p.wants {
		if w.m.Shape != measure.Derived {
			continue
		}
		sub := *p.q
		var fill func(main, sub *plan, at int)
		switch w.Measure {
		case measure.MaxQueueSize:
			sub.By, sub.Want, fill = measure.Queue, []Want{{Measure: measure.QueueLevel}}, fillQueueSize
			sub.Where = nil
			for _, v := range p.q.Where {
				if v.Dim == measure.Department {
					sub.Where = []measure.Value{{Dim: measure.Queue, ID: measure.Pair("department", v.ID)}}
				}
			}
		case measure.LinearChatTime:
			sub.By, sub.Want, fill = measure.Agent, []Want{{Measure: measure.InChat}, {Measure: measure.LoggedInStep}}, fillLinear
			if p.q.By == measure.Department || slices.ContainsFunc(p.q.Where, func(v measure.Value) bool { return v.Dim == measure.Department }) {
				sub.By = measure.AgentDepartment
			}
		}
		other, err := newPlan(&sub)
		if err != nil {
			return nil, err
		}
		out = append(out, derivation{plan: other, fill: func(main *plan) { fill(main, other, i) }})
	}
	return out, nil
}

// fillQueueSize: the largest of any one queue; of a department its own queue's.
func fillQueueSize(main, sub *plan, at int) {
	for queue := range sub.result.Rows {
		entity := ""
		if main.q.By == measure.Department {
			kind, id := measure.Unpair(queue)
			if kind != "department" {
				continue
			}
			entity = id
		}
		for b := range main.q.Buckets {
			if n := sub.result.At(queue, b, 0).Max(); n > 0 {
				t := &main.row(entity)[b*len(main.wants)+at]
				t.N = max(t.N, n)
			}
		}
	}
}

// fillLinear: per agent the time logged in and in at least one chat; of several
// agents the sum.
func fillLinear(main, sub *plan, at int) {
	for value := range sub.result.Rows {
		entity := ""
		switch {
		case main.q.By == measure.Department:
			_, entity = measure.Unpair(value)
		case main.q.By == measure.Agent && sub.q.By == measure.AgentDepartment:
			entity, _ = measure.Unpair(value)
		case main.q.By == measure.Agent:
			entity = value
		}
		for b := range main.q.Buckets {
			if ms := both(sub.result.At(value, b, 0), sub.result.At(value, b, 1)); ms != 0 {
				main.row(entity)[b*len(main.wants)+at].Millis += ms
			}
		}
	}
}

// both is for how many milliseconds two step functions were above zero together.
func both(a, b *Total) int64 {
	if len(a.edges) == 0 || len(b.edges) == 0 {
		return 0
	}
	var sum Total
	for _, t := range []*Total{a, b} {
		t.sweep(func(from, to, level int64) {
			if level > 0 {
				sum.edges = append(sum.edges, edge{from, 1}, edge{to, -1})
			}
		})
	}
	ms := int64(0)
	sum.sweep(func(from, to, level int64) {
		if level > 1 {
			ms += to - from
		}
	})
	return ms
}
