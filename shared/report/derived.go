package report

import (
	"slices"

	"chatreports/shared/measure"
)

// derivation computes a derived measure from a plan of its own.
type derivation struct {
	main *plan // what it fills
	plan *plan
	fill func(main *plan)
	// rows are those that make an entity's figure, of the rows of each of the
	// plan's wants.
	rows func(main *plan, of [][]Row, entity string) []Row
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
		var rows func(main, sub *plan, of [][]Row, entity string) []Row
		switch w.Measure {
		case measure.MaxQueueSize:
			sub.By, sub.Want, fill = measure.Queue, []Want{{Measure: measure.QueueLevel}}, fillQueueSize
			rows = rowsOfQueueSize
			sub.Where = nil
			for _, v := range p.q.Where {
				if v.Dim == measure.Department {
					sub.Where = []measure.Value{{Dim: measure.Queue, ID: measure.Pair("department", v.ID)}}
				}
			}
		case measure.LinearChatTime:
			sub.By, sub.Want, fill = measure.Agent, []Want{{Measure: measure.InChat}, {Measure: measure.LoggedInStep}}, fillLinear
			rows = rowsOfLinear
			if p.q.By == measure.Department || slices.ContainsFunc(p.q.Where, func(v measure.Value) bool { return v.Dim == measure.Department }) {
				sub.By = measure.AgentDepartment
			}
		}
		other, err := newPlan(&sub)
		if err != nil {
			return nil, err
		}
		out = append(out, derivation{
			plan: other,
			fill: func(main *plan) { fill(main, other, i) },
			rows: func(main *plan, of [][]Row, entity string) []Row { return rows(main, other, of, entity) },
		})
	}
	return out, nil
}

// fillQueueSize: the largest of any one queue; of a department its own queue's.
func fillQueueSize(main, sub *plan, at int) {
	for queue := range sub.result.Rows {
		entity, ok := main.entityOfQueue(queue)
		if !ok {
			continue
		}
		for b := range main.q.Buckets {
			if n := sub.result.At(queue, b, 0).Max(); n > 0 {
				t := &main.row(entity)[b*len(main.wants)+at]
				t.N = max(t.N, n)
			}
		}
	}
}

// entityOfQueue is the row that a queue's size is told in.
func (p *plan) entityOfQueue(queue string) (string, bool) {
	if p.q.By != measure.Department {
		return "", true
	}
	kind, id := measure.Unpair(queue)
	return id, kind == "department"
}

// fillLinear: per agent the time logged in and in at least one chat; of several
// agents the sum.
func fillLinear(main, sub *plan, at int) {
	for value := range sub.result.Rows {
		entity := main.entityOfAgent(sub, value)
		for b := range main.q.Buckets {
			if ms := both(sub.result.At(value, b, 0), sub.result.At(value, b, 1)); ms != 0 {
				main.row(entity)[b*len(main.wants)+at].Millis += ms
			}
		}
	}
}

// entityOfAgent is the row that an agent's time, or its time in a department, adds to.
func (p *plan) entityOfAgent(sub *plan, value string) string {
	agent, department := value, ""
	if sub.q.By == measure.AgentDepartment {
		agent, department = measure.Unpair(value)
	}
	switch p.q.By {
	case measure.Department:
		return department
	case measure.Agent:
		return agent
	}
	return ""
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
