package report

import (
	"slices"

	"chatreports/shared/measure"
)

// computation computes a measure, of which nothing is kept, from others: it reads these
// by a plan of its own, beside the plan that asked.
type computation struct {
	main *plan // the one that asked, which it fills
	plan *plan
	fill func(main *plan)
}

// computations lists those that a plan needs.
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

// fillQueueSize: the largest of any one queue; of a department its own queue's.
func fillQueueSize(main, sub *plan, at int) {
	for queue, row := range sub.result.Rows {
		entity, ok := main.entityOfQueue(queue)
		if !ok {
			continue
		}
		for b, totals := range row {
			if n := max(totals[0].N, totals[1].Max()); n > 0 {
				t := main.total(main.row(entity), b, int8(at))
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
