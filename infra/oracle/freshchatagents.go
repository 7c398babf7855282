package oracle

import (
	"strings"

	"chatreports/shared/event"
)

// ofType is the events of a type, of each subject in order.
func (o *Oracle) ofType(name string) map[string][]*event.Event {
	list := map[string][]*event.Event{}
	for _, e := range o.events {
		if e.Type == name {
			list[e.Subject] = append(list[e.Subject], e)
		}
	}
	return list
}

// statusRows: every period of a status; campaigns play no part.
func (o *Oracle) statusRows(now int64) (rows []rowOut) {
	for agent, list := range o.ofType("agent.status_changed") {
		before := offline
		var changes []*event.Event
		for _, e := range list {
			if !strings.EqualFold(e.Data.Status, before) {
				before = e.Data.Status
				changes = append(changes, e)
			}
		}
		for i, e := range changes {
			r := o.period(agent, changes, i, now)
			r.cells["status"] = e.Data.Status
			rows = append(rows, r)
		}
	}
	return rows
}

// autoAssignRows: every period of being assigned chats, or not.
func (o *Oracle) autoAssignRows(now int64) (rows []rowOut) {
	for agent, list := range o.ofType("agent.auto_assign_changed") {
		var changes []*event.Event
		for i, e := range list {
			if i == 0 || e.Data.Enabled != list[i-1].Data.Enabled {
				changes = append(changes, e)
			}
		}
		for i, e := range changes {
			r := o.period(agent, changes, i, now)
			r.cells["intelliassign"] = truth(e.Data.Enabled)
			who := e.Data.By
			if who == nil {
				who = &event.Actor{Type: "agent", ID: agent}
			}
			o.acted(r, who)
			rows = append(rows, r)
		}
	}
	return rows
}

// period is a row of the time from one change to the next.
func (o *Oracle) period(agent string, changes []*event.Event, i int, now int64) rowOut {
	e := changes[i]
	r := rowOut{e.At, agent, e, cells{"agent_id": agent, "agent_name": o.name("agent", agent), "created_at": moment(e.At)}}
	end := now
	if i+1 < len(changes) {
		end = changes[i+1].At
		r.cells["ended_at"] = moment(end)
	}
	r.cells["value_in_seconds"] = wholeSeconds(end - e.At)
	return r
}
