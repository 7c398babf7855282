package oracle

import (
	"maps"

	"chatreports/shared/event"
)

// told is a chat as rows tell it: its events one at a time, and what holds after each.
type told struct {
	id      string
	request *event.Event
	steps   []step // private messages are none
	parts   []part // interactions
	stays   []inChat
	joins   []joining
	samples []sample

	open  bool  // after all
	ended int64 // the last end, where it is not open
}

// step is an event, the interaction it belongs to, and the assignment after it.
type step struct {
	*event.Event
	part int
	assignment
}

// assignment is whom a chat is assigned to.
type assignment struct{ agent, group, routing string }

// part is an interaction; closed is its first close.
type part struct {
	opening *event.Event
	closed  *step
}

// inChat is a time that an agent was in the chat; unheard is the part of it before the
// agent's first word after joining.
type inChat struct {
	agent string
	span
	unheard span
}

// joining is one agent coming into the chat, at one of its steps.
type joining struct {
	agent string
	at    int64
	step  int
}

// sample is an agent's answer to what the visitor wrote.
type sample struct {
	at, ms int64
	agent  string
	part   int
	closed bool // the interaction had been
}

// teller is the state between two events.
type teller struct {
	*told
	assignment
	firstGroup func(agent string) string
	part       int
	requested  bool
	closed     bool // since the last reopening, even one before the request
	waits      bool // the visitor wrote, and nobody answered
	since      int64
	in         map[string]*inChat
	saved      map[string]bool // who was in it at the end
	unheard    map[string]bool // has not written since joining
}

// tell tells the sorted events of one chat that was requested.
func tell(id string, events []*event.Event, firstGroup func(agent string) string) *told {
	c := &told{id: id, open: true}
	for _, e := range events {
		if e.Type == "chat.requested" {
			c.request = e
			break
		}
	}
	c.parts = []part{{opening: c.request}}
	t := &teller{told: c, firstGroup: firstGroup, in: map[string]*inChat{}, unheard: map[string]bool{}}
	for _, e := range events {
		if e.Type == "message.sent" && e.Data.Private {
			continue
		}
		t.requested = t.requested || e == c.request
		if e.Type == "chat.reopened" && t.requested {
			c.parts = append(c.parts, part{opening: e})
			t.part++
		}
		t.assign(e)
		c.steps = append(c.steps, step{e, t.part, t.assignment})
		t.answer(e)
		t.move(e)
		if e.Type == "chat.closed" && c.parts[t.part].closed == nil {
			c.parts[t.part].closed = &step{e, t.part, t.assignment}
		}
	}
	for agent := range maps.Clone(t.in) {
		t.leave(forever, agent)
	}
	return c
}

// assign follows whom the chat is assigned to.
func (t *teller) assign(e *event.Event) {
	d := &e.Data
	switch e.Type {
	case "chat.assigned":
		if t.set(d.AgentID, d.GroupID) {
			t.routing = d.Routing
		}
	case "chat.accepted", "chat.transferred":
		before := t.agent
		if e.Type == "chat.accepted" {
			t.set(d.AgentID, d.DepartmentID)
		} else {
			t.set(d.ToAgentID, d.ToDepartmentID)
		}
		if t.agent != before {
			t.routing = ""
		}
	}
}

// set sets the agent and the group, and says whether there was anything to set.
func (t *teller) set(agent, group string) bool {
	switch {
	case agent != "" && group != "":
		t.agent, t.group = agent, group
	case agent != "":
		t.agent = agent
		if t.group == "" {
			t.group = t.firstGroup(agent)
		}
	case group != "":
		t.agent, t.group = "", group
	default:
		return false
	}
	return true
}

// answer follows what the visitor waits for; it is called before a close is noted.
func (t *teller) answer(e *event.Event) {
	switch {
	case e.Type == "chat.reopened":
		t.closed = false
	case e.Type == "chat.closed":
		t.waits = t.waits && t.closed // a second close ends nothing
		t.closed = true
	case e.Type != "message.sent":
	case e.Data.Actor.Type == "user" && !t.waits:
		t.waits, t.since = true, e.At
	case e.Data.Actor.Type == "agent" && t.waits:
		t.samples = append(t.samples, sample{e.At, e.At - t.since, e.Data.Actor.ID, t.part, t.parts[t.part].closed != nil})
		t.waits = false
	case e.Data.Actor.Type == "bot":
		t.waits = false
	}
}

// move follows who is in the chat.
func (t *teller) move(e *event.Event) {
	d := &e.Data
	switch e.Type {
	case "chat.accepted":
		t.join(e.At, d.AgentID)
	case "message.sent":
		if d.Actor.Type == "agent" {
			t.join(e.At, d.Actor.ID)
			t.speak(e.At, d.Actor.ID)
		}
	case "chat.assigned":
		if d.AgentID != "" || d.GroupID != "" {
			t.leaveBut(e.At, d.AgentID)
			t.join(e.At, d.AgentID)
		}
	case "chat.transferred":
		if d.FromAgentID != "" {
			t.leave(e.At, d.FromAgentID)
		} else {
			t.leaveBut(e.At, "")
		}
		t.join(e.At, d.ToAgentID)
	case "chat.left", "chat.refused":
		t.leave(e.At, d.AgentID)
	case "chat.closed", "chat.abandoned", "chat.missed", "chat.switched_to_message":
		t.end(e.At)
	case "chat.reopened":
		t.reopen(e.At)
	}
}

func (t *teller) join(at int64, agent string) {
	if !t.open || agent == "" || t.in[agent] != nil {
		return
	}
	t.joins = append(t.joins, joining{agent, at, len(t.steps) - 1})
	t.unheard[agent] = true
	t.enter(at, agent)
}

func (t *teller) enter(at int64, agent string) {
	t.in[agent] = &inChat{agent: agent, span: span{at, forever}, unheard: span{at, at}}
	if t.unheard[agent] {
		t.in[agent].unheard.e = forever
	}
}

func (t *teller) speak(at int64, agent string) {
	t.unheard[agent] = false
	if s := t.in[agent]; s != nil {
		s.unheard.e = min(s.unheard.e, at)
	}
}

func (t *teller) leave(at int64, agent string) {
	s := t.in[agent]
	if s == nil {
		return
	}
	s.e, s.unheard.e = at, min(s.unheard.e, at)
	t.stays = append(t.stays, *s)
	delete(t.in, agent)
}

func (t *teller) leaveBut(at int64, agent string) {
	for other := range maps.Clone(t.in) {
		if other != agent {
			t.leave(at, other)
		}
	}
}

// end is the chat's end: whoever was in it is no more.
func (t *teller) end(at int64) {
	if !t.open {
		return
	}
	t.open, t.ended, t.saved = false, at, map[string]bool{}
	for agent := range maps.Clone(t.in) {
		t.saved[agent] = true
		t.leave(at, agent)
	}
}

// reopen puts back who was in it at the end, which is no joining.
func (t *teller) reopen(at int64) {
	if t.open {
		return
	}
	t.open = true
	for agent := range t.saved {
		t.enter(at, agent)
	}
}

// messages are the steps at which somebody of these kinds wrote; of none: anybody.
func (c *told) messages(actors ...string) []step {
	var list []step
	for _, s := range c.steps {
		if s.Type != "message.sent" {
			continue
		}
		for _, a := range actors {
			if s.Data.Actor.Type == a {
				list = append(list, s)
			}
		}
		if len(actors) == 0 {
			list = append(list, s)
		}
	}
	return list
}
