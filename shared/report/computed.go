package report

import (
	"slices"

	"chatreports/shared/measure"
)

// computation makes the totals of a measure of which no number is kept. They follow from
// other measures, which are asked for by other dimensions: the largest queue of a
// department is found among its queues. So there is a plan for these, and both are read
// at once.
type computation struct {
	main *plan // the plan that wants the measure
	plan *plan // the plan of what it follows from
	fill func(main *plan)
}

// computations are those that a plan wants.
func (p *plan) computations() ([]computation, error) {
	var out []computation
	for i, w := range p.wants {
		if w.m.Shape != measure.Computed {
			continue
		}
		sub, err := p.plan(p.q.ofQueues(measure.QueuePeak, measure.QueueLevel))
		if err != nil {
			return nil, err
		}
		out = append(out, computation{plan: sub, fill: func(main *plan) { fillQueueSize(main, sub, i) }})
	}
	return out, nil
}

// ofQueues asks for measures of the queues that count for a query.
func (q *Query) ofQueues(ids ...measure.ID) *Query {
	sub := *q
	sub.By, sub.Where, sub.Want = measure.Queue, nil, wantsOf(ids)
	for _, v := range q.Where {
		if v.Dim == measure.Department {
			sub.Where = []measure.Value{{Dim: measure.Queue, ID: measure.Pair("department", v.ID)}}
		}
	}
	return &sub
}

// ofAgents asks for measures by agent, or by agent in a department.
func (q *Query) ofAgents(ids ...measure.ID) *Query {
	sub := *q
	sub.By, sub.Want = measure.Agent, wantsOf(ids)
	if q.By == measure.Department || slices.ContainsFunc(q.Where, func(v measure.Value) bool { return v.Dim == measure.Department }) {
		sub.By = measure.AgentDepartment
	}
	return &sub
}

func wantsOf(ids []measure.ID) []Want {
	out := make([]Want, len(ids))
	for i, id := range ids {
		out[i].Measure = id
	}
	return out
}

// fillQueueSize: a queue is a line of its own. So it is the largest size that any one of
// them had, and of a department that of its own.
func fillQueueSize(main, sub *plan, at int) {
	for queue, of := range sub.result.Totals {
		entity, ok := main.entityOfQueue(queue)
		if !ok {
			continue
		}
		for b, totals := range of {
			if n := max(totals[0].N, totals[1].Max()); n > 0 {
				t := main.total(main.totals(entity), b, int8(at))
				t.N = max(t.N, n)
			}
		}
	}
}

// entityOfQueue is the one that a queue counts for.
func (p *plan) entityOfQueue(queue string) (string, bool) {
	if p.q.By != measure.Department {
		return "", true
	}
	kind, id := measure.Unpair(queue)
	return id, kind == "department"
}

// entityOfAgent is the one that an agent's time, or its time in a department, counts for.
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
