package oracle

import (
	"strings"

	"chatreports/shared/event"
)

// agent is what one agent's own events say, in order.
type agent struct {
	changes     []change
	memberships []membership
	maximum     *int64 // maxConcurrentChats
}

// change is a change of status to another one.
type change struct {
	at     int64
	status string
}

// membership is the departments an agent belongs to from a time on.
type membership struct {
	at          int64
	departments []string
}

const (
	online  = "online"
	away    = "away"
	offline = "offline"
)

func (a *agent) add(e *event.Event) {
	switch e.Type {
	case "agent.status_changed":
		if !strings.EqualFold(e.Data.Status, a.statusAfterAll()) {
			a.changes = append(a.changes, change{e.At, e.Data.Status})
		}
	case "agent.updated":
		if e.Data.DepartmentIDs != nil {
			a.memberships = append(a.memberships, membership{e.At, *e.Data.DepartmentIDs})
		}
		if e.Data.MaxConcurrentChats != nil {
			a.maximum = e.Data.MaxConcurrentChats
		}
	}
}

func (a *agent) statusAfterAll() string {
	if n := len(a.changes); n > 0 {
		return a.changes[n-1].status
	}
	return offline
}

// statusAt is the status in force at a moment.
func (a *agent) statusAt(at int64) string {
	status := offline
	for _, c := range a.changes {
		if c.at <= at {
			status = c.status
		}
	}
	return status
}

// in is the time in a status that passes the test; offline only since the first event.
func (a *agent) in(test func(status string) bool) []span {
	var list []span
	for i, c := range a.changes {
		end := int64(forever)
		if i+1 < len(a.changes) {
			end = a.changes[i+1].at
		}
		if test(c.status) {
			list = append(list, span{c.at, end})
		}
	}
	return list
}

// member is the time as a member of a department.
func (a *agent) member(department string) []span {
	var list []span
	for i, m := range a.memberships {
		end := int64(forever)
		if i+1 < len(a.memberships) {
			end = a.memberships[i+1].at
		}
		for _, d := range m.departments {
			if d == department {
				list = append(list, span{m.at, end})
			}
		}
	}
	return union(list)
}

func isOnline(status string) bool   { return status == online }
func isLoggedIn(status string) bool { return status != offline }

// displayed is a status as Comm100 writes it.
func displayed(status string) string {
	switch status {
	case online:
		return "Online"
	case away:
		return "Away"
	case offline:
		return "Offline"
	}
	return status
}

// team is the agents a scope is about: one, or all.
func (q *query) team(sc scope) []string {
	switch {
	case sc.agent != nil:
		return []string{*sc.agent}
	case sc.none == "agent":
		return nil
	}
	return q.ids("agent")
}

type agentAnd struct{ what, agent, department, none string }

// time is the time of an agent online or logged in, as a member of the scope's
// department if it has one, up to now.
func (q *query) time(what, id string, sc scope) []span {
	return q.once(agentAnd{what, id, sc.departmentOr(""), sc.none}, func() []span {
		a := q.agents[id]
		if a == nil {
			return nil
		}
		test := isLoggedIn
		if what == online {
			test = isOnline
		}
		list := upTo(a.in(test), q.now)
		if sc.department != nil {
			list = both(list, a.member(*sc.department))
		}
		if sc.none == "department" {
			for _, department := range q.ids(sc.none) {
				list = without(list, a.member(department))
			}
		}
		return union(list)
	})
}

// linear is the time in which an agent, logged in, was in at least one chat: of the
// scope's department and as its member, if it has one.
func (q *query) linear(id string, sc scope) []span {
	return q.once(agentAnd{"linear", id, sc.departmentOr(""), sc.none}, func() []span {
		var list []span
		for _, c := range q.chats {
			if c.agents[id] {
				list = append(list, upTo(c.part(scope{agent: &id, department: sc.department}), q.now)...)
			}
		}
		return both(union(list), q.time("logged-in", id, sc))
	})
}

func (q *query) once(key agentAnd, compute func() []span) []span {
	list, ok := q.cache[key]
	if !ok {
		list = compute()
		q.cache[key] = list
	}
	return list
}

// memberIn says whether the agent was a member at some time of [from, to).
func (q *query) memberIn(id, department string, from, to int64) bool {
	a := q.agents[id]
	return a != nil && within(a.member(department), from, to) > 0
}
