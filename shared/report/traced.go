package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// traced is a figure that no fact makes alone, such as a union of times or a maximum. Its
// rows are found among the rows of the measures that it follows from.
type traced struct {
	plan *plan // of these measures
	// rows picks the rows of an entity's figure, given the rows of each want of the plan.
	rows func(main, sub *plan, of [][]Row, entity string) []Row
}

// trace says how a measure that has bases is traced.
func (p *plan) trace(id measure.ID) (out traced, err error) {
	switch id {
	case measure.MaxQueueSize:
		out.rows = rowsOfQueueSize
		out.plan, err = p.plan(p.q.ofQueues(measure.QueueLevel))
	case measure.LinearChatTime:
		out.rows = rowsOfLinear
		out.plan, err = p.plan(p.q.ofAgents(measure.Get(id).Of...))
	default:
		err = fmt.Errorf("report: %s cannot be traced", measure.Get(id).Name)
	}
	return out, err
}

// rowsOfQueueSize are the waits in force when the queue was longest: of several
// queues as long, or several times, at the first one.
func rowsOfQueueSize(main, _ *plan, of [][]Row, entity string) []Row {
	var best []Row
	var most, when int64
	queues := byEntity(of[0])
	for _, queue := range slices.Sorted(maps.Keys(queues)) {
		if e, ok := main.entityOfQueue(queue); !ok || e != entity {
			continue
		}
		var edges []step.Edge
		for _, r := range queues[queue] {
			edges = append(edges, step.Edge{At: r.At, N: r.N}, step.Edge{At: r.Until, N: -r.N})
		}
		n, at := int64(0), int64(0)
		step.Sweep(edges, func(from, _, level int64) {
			if level > n {
				n, at = level, from
			}
		})
		if n > most || n == most && n > 0 && at < when {
			best, most, when = queues[queue], n, at
		}
	}
	var out []Row
	for _, r := range best {
		if r.At <= when && when < r.Until {
			r.Measure, r.Entity, r.Millis = measure.MaxQueueSize, entity, 0
			out = append(out, r)
		}
	}
	return out
}

// rowsOfLinear are the stays in chats, each with the time it adds to its agent's.
func rowsOfLinear(main, sub *plan, of [][]Row, entity string) []Row {
	var out []Row
	loggedIn := byEntity(of[1])
	for value, stays := range byEntity(of[0]) {
		if main.entityOfAgent(sub, value) != entity {
			continue
		}
		agent := value
		if sub.q.By == measure.AgentDepartment {
			agent, _ = measure.Unpair(value)
		}
		for _, r := range shared(stays, spans(loggedIn[value])) {
			r.Measure, r.Entity, r.Agent = measure.LinearChatTime, entity, agent
			out = append(out, r)
		}
	}
	return out
}

func byEntity(rows []Row) map[string][]Row {
	out := map[string][]Row{}
	for _, r := range rows {
		out[r.Entity] = append(out[r.Entity], r)
	}
	return out
}

// spans are the times at which there is any of the rows, in order.
func spans(rows []Row) []step.Span {
	out := []step.Span{}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.At, b.At) })
	for _, r := range rows {
		if n := len(out); n > 0 && r.At <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, r.Until)
			continue
		}
		out = append(out, step.Span{From: r.At, To: r.Until})
	}
	return out
}

// within is how much of [from, to) lies in the spans.
func within(spans []step.Span, from, to int64) (ms int64) {
	for _, s := range spans {
		ms += max(0, min(to, s.To)-max(from, s.From))
	}
	return ms
}

// shared gives every row the time it adds to the time in which there is any: of
// several at once the one that began first has it. Where spans are given, only
// time in them counts, and rows that lie in none are left out.
func shared(rows []Row, in []step.Span) []Row {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b Row) int { return a.Compare(&b) })
	if in == nil {
		in = spans(slices.Clone(rows))
	}
	var out []Row
	covered := rows[0].At
	for _, r := range rows {
		if within(in, r.At, r.Until) == 0 {
			continue
		}
		r.Millis = within(in, max(r.At, covered), r.Until)
		covered = max(covered, r.Until)
		out = append(out, r)
	}
	return out
}
