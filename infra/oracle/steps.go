package oracle

import (
	"maps"

	"chatreports/shared/event"
)

// What each kind of event does to a chat.

// accept is an acceptance by an agent: said so, or shown by a first message.
func (w *walk) accept(at int64, agent, department string) {
	w.acceptedBy[agent] = true
	w.leaveQueue(at, answered)
	if w.queued && !w.queueLost && w.queueEnd != answered {
		w.queueEnd, w.queueWait = answered, at-w.queuedAt
	}
	if department == "" && !w.hadAgent && w.dept == "" && (w.isOpen || w.savedDept == "") {
		department = w.askedFor()
	}
	if !w.hadAgent {
		w.hadAgent, w.byAgent, w.botFirst = true, at, w.hadBot
		w.asked = w.askedFor()
	}
	w.setDepartment(at, department)
	w.taken(at)
	w.join(at, agent, true)
}

func (w *walk) acceptBot(at int64) {
	if w.hadBot {
		return
	}
	w.hadBot, w.byBot = true, at
	w.leaveQueue(at, answered)
	w.taken(at)
}

// taken makes it a chat, unless the visitor was lost before.
func (w *walk) taken(at int64) {
	if w.outcome != isChat && !w.lost {
		w.outcome, w.accepted = isChat, at
	}
}

// lose is an end in which nobody took the request up: abandoned, switched, missed.
func (w *walk) lose(at int64, how string) {
	w.leaveQueue(at, how)
	w.decide(at, how)
	w.lost = true
	w.end(at)
}

// decide notes the first of refused, abandoned, switched and missed, of the
// request and of its time since it was first queued.
func (w *walk) decide(at int64, how string) {
	if w.first == "" {
		w.first, w.firstAt = how, at
	}
	if !w.queued {
		return
	}
	if w.queueEnd == "" {
		w.queueEnd, w.queueWait = how, at-w.queuedAt
	}
	if how != refused {
		w.queueLost = true
	}
}

func (w *walk) close(at int64) {
	w.leaveQueue(at, closed)
	w.closeSeen = true
	if !w.closedOnce {
		w.closedOnce = true
		w.unanswered = unanswered{}
	}
	w.end(at)
}

// end is the chat's end: whoever was in it is no more.
func (w *walk) end(at int64) {
	if !w.isOpen {
		return
	}
	w.savedIn, w.savedDept = maps.Clone(w.in), w.dept
	for agent := range w.savedIn {
		w.leave(at, agent)
	}
	w.setDepartmentNow(at, "")
	w.isOpen = false
	w.open = append(w.open, span{w.openSince, at})
}

// reopen puts back who was in it at the close, and the department.
func (w *walk) reopen(at int64) {
	w.closedOnce = false
	if w.isOpen {
		return
	}
	w.isOpen, w.openSince = true, at
	w.setDepartmentNow(at, w.savedDept)
	for agent, tookPart := range w.savedIn {
		w.join(at, agent, tookPart)
	}
}

// setDepartment moves the chat; a closed chat will be there when it is reopened.
func (w *walk) setDepartment(at int64, department string) {
	if department == "" {
		return
	}
	w.departments[department] = true
	if w.isOpen {
		w.setDepartmentNow(at, department)
	} else {
		w.savedDept = department
	}
}

func (w *walk) setDepartmentNow(at int64, department string) {
	if w.dept == department {
		return
	}
	if w.dept != "" {
		w.inDept[w.dept] = append(w.inDept[w.dept], span{w.deptSince, at})
	}
	w.dept, w.deptSince = department, at
}

// join puts an agent into an open chat; whoever took part goes on taking part.
func (w *walk) join(at int64, agent string, tookPart bool) {
	if !w.isOpen || agent == "" || w.in[agent] {
		return
	}
	w.in[agent] = tookPart
	if tookPart {
		w.since[agent] = at
		w.agents[agent] = true
	}
}

func (w *walk) leave(at int64, agent string) {
	if w.in[agent] {
		w.inAgent[agent] = append(w.inAgent[agent], span{w.since[agent], at})
	}
	delete(w.in, agent)
}

func (w *walk) assign(e *event.Event) {
	agent, group := e.Data.AgentID, e.Data.GroupID
	if agent == "" && group == "" {
		return
	}
	for other := range maps.Clone(w.in) {
		if other != agent {
			w.leave(e.At, other)
		}
	}
	w.join(e.At, agent, false)
}

func (w *walk) transfer(e *event.Event) {
	d := &e.Data
	w.transferred = true
	from := d.FromDepartmentID
	if from == "" {
		from = w.dept
	}
	if d.ToDepartmentID != "" && d.ToDepartmentID != from {
		w.toDepartments[d.ToDepartmentID] = true
		if from != "" {
			w.ofDepartments[from] = true
		}
	}
	if d.FromAgentID != "" {
		w.leave(e.At, d.FromAgentID)
	} else {
		for agent := range maps.Clone(w.in) {
			w.leave(e.At, agent)
		}
	}
	w.setDepartment(e.At, d.ToDepartmentID)
	w.join(e.At, d.ToAgentID, true)
}

func (w *walk) enqueue(e *event.Event) {
	q := queue{kind: "site"}
	if r := e.Data.RouteTo; r != nil && r.Type != "site" {
		q = queue{r.Type, r.ID}
	}
	w.leaveOne(e.At, requeued)
	w.inQueue = &stay{queue: q, span: span{e.At, forever}}
	if w.waiting == nil {
		w.waiting = &stay{span: span{e.At, forever}}
	}
	w.waiting.queue = q
	if !w.queued {
		w.queued, w.queuedAt = true, e.At
	}
	if q.kind == "department" && !w.hadAgent {
		w.lastQueue = q.id
	}
}

func (w *walk) leaveQueue(at int64, how string) {
	w.leaveOne(at, how)
	if w.waiting != nil {
		w.waiting.e, w.waiting.end = at, how
		w.waits = append(w.waits, *w.waiting)
		w.waiting = nil
	}
}

func (w *walk) leaveOne(at int64, how string) {
	if w.inQueue != nil {
		w.inQueue.e, w.inQueue.end = at, how
		w.stays = append(w.stays, *w.inQueue)
		w.inQueue = nil
	}
}

func (w *walk) message(e *event.Event) {
	d := &e.Data
	switch d.Actor.Type {
	case "user":
		if !w.unanswered.is {
			w.unanswered = unanswered{true, e.At}
		}
	case "agent":
		if w.isOpen && !w.acceptedBy[d.Actor.ID] {
			w.accept(e.At, d.Actor.ID, "")
		}
		w.join(e.At, d.Actor.ID, true)
		if w.unanswered.is {
			w.responses = append(w.responses, response{e.At, e.At - w.unanswered.since, d.Actor.ID, w.dept})
			w.unanswered = unanswered{}
		}
		if !w.heard {
			w.heard = true
			first := response{at: e.At, agent: d.Actor.ID, department: w.dept}
			if w.begun {
				first.ms = e.At - w.began
			}
			w.firsts = append(w.firsts, first)
		}
	case "bot":
		w.acceptBot(e.At)
		w.unanswered = unanswered{}
	}
	m := message{
		at: e.At, actor: d.Actor.Type, id: d.Actor.ID,
		canned: d.CannedMessageID, category: d.CannedCategoryID,
		department: w.dept, agents: map[string]bool{},
	}
	for agent, tookPart := range w.in {
		if tookPart {
			m.agents[agent] = true
		}
	}
	w.messages = append(w.messages, m)
}

// askedFor is the department asked for, as far as is known before an agent accepts.
func (w *walk) askedFor() string {
	switch {
	case w.req.Data.DepartmentID != "":
		return w.req.Data.DepartmentID
	case w.refusedIn != "":
		return w.refusedIn
	}
	return w.lastQueue
}
