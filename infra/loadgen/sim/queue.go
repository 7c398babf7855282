package sim

import (
	"slices"

	"chatreports/shared/event"
)

// line is a queue: of the site, of a department or of one agent.
type line struct {
	route      *event.Route
	department *department
	agents     []*agent // who serves it
	waiting    []*chat  // in order of arrival; those who left are skipped
	first      int      // index of the first who may still wait
}

func (l *line) remove(a *agent) {
	if i := slices.Index(l.agents, a); i >= 0 {
		l.agents = slices.Delete(l.agents, i, i+1)
	}
}

// waits says whether the chat still waits in this line.
func (l *line) waits(c *chat) bool { return c.line == l && c.state == waiting }

// next is the chat that waits longest and whom this agent has not refused.
func (l *line) next(a *agent) *chat {
	for l.first < len(l.waiting) && !l.waits(l.waiting[l.first]) {
		l.waiting[l.first] = nil
		l.first++
	}
	if l.first == len(l.waiting) {
		l.waiting, l.first = l.waiting[:0], 0
	} else if l.first > 64 && l.first > len(l.waiting)/2 {
		l.waiting, l.first = slices.Delete(l.waiting, 0, l.first), 0
	}
	for _, c := range l.waiting[l.first:] {
		if c != nil && l.waits(c) && !slices.Contains(c.refusedBy, a) {
			return c
		}
	}
	return nil
}

func (r *run) anyoneHere(l *line) bool { return slices.ContainsFunc(l.agents, (*agent).here) }

func (r *run) othersHere(a *agent) bool {
	return slices.ContainsFunc(r.cast.agents, func(o *agent) bool { return o != a && o.here() })
}

// choose finds the agent of a line with the most room, none of those excluded.
func (r *run) choose(l *line, excluded []*agent) *agent {
	n := len(l.agents)
	if n == 0 {
		return nil
	}
	var best *agent
	start := r.rng.IntN(n)
	for i := range n {
		a := l.agents[(start+i)%n]
		if a.free() && !slices.Contains(excluded, a) && (best == nil || a.open*best.max < best.open*a.max) {
			best = a
		}
	}
	return best
}

// enqueue routes a chat to a line: the agent known to the visitor, the department
// asked for, or the site.
func (r *run) enqueue(c *chat) {
	switch {
	case c.visit.lastAgent != nil && c.visit.lastAgent.here() && r.chance(0.3):
		c.line = c.visit.lastAgent.own
	case c.department != nil && (r.anyoneHere(c.department.line) || r.chance(0.3)):
		c.line = c.department.line
	default:
		c.line = r.cast.site
	}
	c.enter(waiting)
	c.refusedBy = nil
	free := r.choose(c.line, nil)
	if free == nil || c.agentsSoFar > 0 || r.chance(0.85) {
		r.emit("chat.queued", c.id, &event.Data{RouteTo: c.line.route})
	}
	wait := c.wait
	r.after(r.around(15*second, 160*second), func() {
		if c.wait == wait && (c.state == waiting || c.state == ringing) {
			r.giveUp(c)
		}
	})
	if free != nil {
		r.ring(c, free)
	} else {
		c.line.waiting = append(c.line.waiting, c)
	}
}

// ring offers a chat to an agent, who takes it, refuses it, or is too late.
func (r *run) ring(c *chat, a *agent) {
	turn := c.enter(ringing)
	a.open++
	if r.chance(0.4) {
		d := event.Data{AgentID: a.id, AgentName: a.name, By: r.cast.system, Routing: "intelliAssign"}
		if c.line.department != nil {
			d.GroupID, d.GroupName = c.line.department.id, c.line.department.name
		}
		r.emit("chat.assigned", c.id, &d)
	}
	r.after(r.around(1500, 7*second), func() {
		switch {
		case c.turn != turn: // gave up meanwhile
			r.release(a)
		case !a.here():
			r.again(c)
			r.release(a)
		case !a.specialist && r.chance(0.03): // who is alone cannot choose
			r.refuse(c, a)
		default:
			r.take(c, a)
		}
	})
}

// again offers a chat to the next agent; it keeps its place in the line.
func (r *run) again(c *chat) {
	c.enter(waiting)
	if a := r.choose(c.line, c.refusedBy); a != nil {
		r.ring(c, a)
		return
	}
	l := c.line
	if slices.Contains(l.waiting[l.first:], c) {
		return
	}
	if l.first > 0 {
		l.first--
		l.waiting[l.first] = c
		return
	}
	l.waiting = slices.Insert(l.waiting, 0, c)
}

func (r *run) refuse(c *chat, a *agent) {
	d := event.Data{AgentID: a.id}
	if c.department != nil {
		d.DepartmentID = c.department.id
	}
	r.emit("chat.refused", c.id, &d)
	c.refusedBy = append(c.refusedBy, a)
	if c.agentsSoFar == 0 && r.chance(0.25) {
		c.enter(over)
		if r.chance(0.3) || r.staysOpen(c) {
			r.emit("chat.closed", c.id, &event.Data{By: r.cast.system, ResolveType: "auto"})
		}
	} else {
		r.again(c)
	}
	r.release(a)
}

// giveUp ends a wait without an agent.
func (r *run) giveUp(c *chat) {
	c.enter(over)
	p := r.rng.Float64()
	switch {
	case c.agentsSoFar > 0:
		r.emit("chat.closed", c.id, &event.Data{By: &c.user})
	case p < 0.18 || c.offline:
		id := r.otherID("o")
		r.emit("chat.switched_to_message", c.id, &event.Data{MessageID: id})
		r.offlineMessage(c.visit, id, "queue")
	case p < 0.32 || !r.anyoneHere(c.line):
		r.emit("chat.missed", c.id, &event.Data{})
	default:
		r.emit("chat.abandoned", c.id, &event.Data{})
	}
	if r.staysOpen(c) {
		r.emit("chat.closed", c.id, &event.Data{By: &c.user})
	}
}

// release frees a place of an agent, who takes whoever waits or goes home.
func (r *run) release(a *agent) {
	a.open--
	if a.leaving && a.open == 0 {
		r.setStatus(a, "offline")
		return
	}
	r.pull(a)
}

// pull gives an agent those who wait longest in any line the agent serves.
func (r *run) pull(a *agent) {
	for a.free() {
		if a.specialist && r.short() && r.atDesk() < 2 { // so that somebody always waits
			return
		}
		c := a.own.next(a)
		older := func(l *line) {
			if o := l.next(a); o != nil && (c == nil || o.since < c.since) {
				c = o
			}
		}
		for _, d := range a.departments {
			older(d.line)
		}
		if !a.specialist {
			older(r.cast.site)
		}
		if c == nil {
			return
		}
		r.ring(c, a)
	}
}
