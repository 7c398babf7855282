package freshchat

import (
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/extract"
)

// agentReport declares a report whose rows are the periods of an agent's states.
type agentReport struct {
	name    string
	columns []column[*period]
	// change is the type of the events by which the state changes; state is the one they
	// say; before is the one in which the window begins, empty if there was none.
	change string
	state  func(e *event.Event) string
	before func(a *extract.Agent) string
}

// period is a time an agent was in one state.
type period struct {
	names      extract.Names
	agent      string
	begin, end *event.Event // end is nil while it lasts
	now        int64
}

var agentActivity = agentReport{
	name: "Agent-Activity",
	columns: activity("the status",
		words("status", "the status: online, away, offline, or a name of your own as sent", func(p *period) string { return p.begin.Data.Status }),
	),
	change: "agent.status_changed",
	state:  func(e *event.Event) string { return e.Data.Status },
	before: func(a *extract.Agent) string {
		if p := a.Before.Current; p != nil {
			return p.Status
		}
		return "offline"
	},
}

var intelliassignActivity = agentReport{
	name: "Agent-Intelliassign-Activity",
	columns: activity("the setting",
		truth("intelliassign", "whether conversations are assigned to the agent automatically", func(p *period) string { return yes(p.begin.Data.Enabled) }),
		words("actor_type", "kind of who set it: AGENT, BOT, USER or SYSTEM", func(p *period) string { return capitals(p.actor().Type) }),
		words("actor_name", "name of who set it", func(p *period) string { a := p.actor(); return nameOf(p.names, &a) }),
		words("actor_id", "who set it; if not said, the agent", func(p *period) string { return p.actor().ID }),
	),
	change: "agent.auto_assign_changed",
	state:  func(e *event.Event) string { return yes(e.Data.Enabled) },
	before: func(a *extract.Agent) string {
		if s := a.Before.AutoAssign; s != nil {
			return yes(s.Enabled)
		}
		return ""
	},
}

// activity are the columns of a period: the agent, the state, and how long it lasted.
func activity(what string, state ...column[*period]) []column[*period] {
	return append(append([]column[*period]{
		words("agent_name", "name of the agent", func(p *period) string { return p.names.Name("agent", p.agent) }),
		words("agent_id", "the agent", func(p *period) string { return p.agent }),
	}, state...),
		moment("created_at", "when "+what+" began", func(p *period) string { return dialect.FormatMoment(p.begin.At) }),
		moment("ended_at", "when it changed; empty while it lasts", (*period).endedAt),
		whole("value_in_seconds", "how long it lasted, or lasts up to now", (*period).value),
	)
}

func (p *period) actor() event.Actor {
	if p.begin.Data.By == nil {
		return event.Actor{Type: "agent", ID: p.agent}
	}
	return actor(p.begin.Data.By)
}

func (p *period) endedAt() string {
	if p.end == nil {
		return ""
	}
	return dialect.FormatMoment(p.end.At)
}

func (p *period) value() string {
	end := p.now
	if p.end != nil {
		end = p.end.At
	}
	return seconds(max(0, end-p.begin.At))
}

// report is the declaration as others take it.
func (d *agentReport) report() extract.Report {
	return extract.Report{Name: d.name, Columns: declared(d.columns), Agents: func(w *extract.Window, names extract.Names, a *extract.Agent, emit func(extract.Row)) {
		d.periods(a, func(begin, end *event.Event) {
			p := &period{names: names, agent: a.ID, begin: begin, end: end, now: w.Now}
			emit(extract.Row{At: begin.At, Order: []string{a.ID, begin.ID, begin.Source}, Cells: cells(nil, d.columns, p)})
		})
	}}
}

// periods finds those that began in the window. A state that is said again, in any case
// of letters, is no change.
func (d *agentReport) periods(a *extract.Agent, each func(begin, end *event.Event)) {
	state := d.before(a)
	changes := func(e *event.Event) bool { return e.Type == d.change && !strings.EqualFold(d.state(e), state) }
	var begin *event.Event
	for e := range a.Events {
		if !changes(e) {
			continue
		}
		if begin != nil {
			each(begin, e)
		}
		kept := *e
		begin, state = &kept, d.state(e)
	}
	if begin == nil {
		return
	}
	for e := range a.Later {
		if changes(e) {
			each(begin, e)
			return
		}
	}
	each(begin, nil)
}
