package oracle

import (
	"maps"

	"chatreports/shared/event"
)

// walk is the state between two events of a chat.
type walk struct {
	*chat
	isOpen     bool
	openSince  int64
	closedOnce bool            // this interaction had its close
	in         map[string]bool // who is in the chat; true: took part, false: merely assigned
	since      map[string]int64
	dept       string
	deptSince  int64
	savedIn    map[string]bool
	savedDept  string

	lost       bool            // abandoned, switched or missed
	first      string          // the first of refused, abandoned, switched, missed
	firstAt    int64           //
	closeSeen  bool            //
	hadAgent   bool            // an agent accepted
	hadBot     bool            //
	acceptedBy map[string]bool // agents who accepted
	refusedIn  string          // department named by the first refusal that names one
	lastQueue  string          // the last department queue

	inQueue   *stay
	waiting   *stay
	queueLost bool
	unanswered
	began int64 // the interaction
	begun bool  // the first one: the request has come
	heard bool  // an agent has written in it
}

// unanswered is the visitor's first message without an answer.
type unanswered struct {
	is    bool
	since int64
}

// walkChat walks the sorted events of one chat; nil without a request.
func walkChat(id string, events []*event.Event) *chat {
	c := &chat{
		id: id, accepted: forever, byAgent: forever, byBot: forever,
		departments: map[string]bool{}, agents: map[string]bool{}, pairs: map[[2]string]bool{},
		inAgent: map[string][]span{}, inDept: map[string][]span{},
		toDepartments: map[string]bool{}, ofDepartments: map[string]bool{},
	}
	for _, e := range events {
		if e.Type == "chat.requested" {
			c.req, c.requestedAt = e, e.At
			break
		}
	}
	if c.req == nil {
		return nil
	}
	w := &walk{
		chat: c, isOpen: true, openSince: events[0].At,
		in: map[string]bool{}, since: map[string]int64{}, acceptedBy: map[string]bool{},
	}
	for _, e := range events {
		w.step(e)
		for agent, tookPart := range w.in {
			if tookPart && w.dept != "" {
				c.pairs[[2]string{agent, w.dept}] = true
			}
		}
	}
	w.finish()
	return c
}

func (w *walk) step(e *event.Event) {
	d := &e.Data
	switch e.Type {
	case "chat.requested":
		if e == w.req {
			w.began, w.begun = e.At, true
		}
	case "chat.reopened":
		if w.begun {
			w.began, w.heard = e.At, false
		}
		w.reopen(e.At)
	case "chat.queued":
		w.enqueue(e)
	case "chat.assigned":
		w.assign(e)
	case "chat.accepted":
		w.accept(e.At, d.AgentID, d.DepartmentID)
	case "chat.transferred":
		w.transfer(e)
	case "chat.refused":
		if w.refusedIn == "" && !w.hadAgent {
			w.refusedIn = d.DepartmentID
		}
		w.leaveQueue(e.At, refused)
		w.decide(e.At, refused)
		w.leave(e.At, d.AgentID)
	case "chat.left":
		w.leave(e.At, d.AgentID)
	case "chat.abandoned":
		w.lose(e.At, abandoned)
	case "chat.missed":
		w.lose(e.At, missed)
	case "chat.switched_to_message":
		w.lose(e.At, switched)
	case "chat.closed":
		w.close(e.At)
	case "message.sent":
		if !d.Private && d.Actor != nil {
			w.message(e)
		}
	case "bot.interaction":
		w.interactions = append(w.interactions, e)
		w.acceptBot(e.At)
	case "chat.rated":
		w.rating = e
	case "chat.wrapped_up":
		w.wrapup = e
	case "survey.submitted":
		w.surveys = append(w.surveys, e)
	}
}

// finish leaves what has not ended open, decides the outcome and, where there was
// no chat, takes back who took part.
func (w *walk) finish() {
	c := w.chat
	if w.isOpen {
		c.open = append(c.open, span{w.openSince, forever})
	}
	for agent := range maps.Clone(w.in) {
		w.leave(forever, agent)
	}
	w.setDepartmentNow(forever, "")
	if w.inQueue != nil {
		c.stays = append(c.stays, *w.inQueue)
	}
	if w.waiting != nil {
		c.waits = append(c.waits, *w.waiting)
	}
	if !w.hadAgent {
		c.asked = w.askedFor()
	}

	switch {
	case c.outcome == isChat:
		c.waited, c.waitMs = true, max(0, c.accepted-c.requestedAt)
	case w.first == refused:
		c.outcome, c.decidedBy = refused, refused
	case w.first != "":
		c.outcome, c.decidedBy = missed, w.first
		c.waited, c.waitMs = true, max(0, w.firstAt-c.requestedAt)
	case w.closeSeen:
		c.outcome, c.decidedBy = missed, closed
	default:
		c.outcome = pending
	}

	if c.outcome != isChat {
		c.accepted, c.byAgent, c.byBot = forever, forever, forever
		c.agents, c.pairs = map[string]bool{}, map[[2]string]bool{}
		c.inAgent, c.inDept = map[string][]span{}, map[string][]span{}
	}
	if c.byAgent == forever {
		c.departments = map[string]bool{}
		if c.asked != "" {
			c.departments[c.asked] = true
		}
	}
	c.chatTime = both(c.open, []span{{c.byAgent, forever}})
	for agent := range c.inAgent {
		c.inAgent[agent] = union(c.inAgent[agent])
	}
	for department := range c.inDept {
		c.inDept[department] = union(c.inDept[department])
	}
}
