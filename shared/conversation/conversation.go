// Package conversation tells the events of one chat again, one at a time, with the
// state after each: what rows are made of. In: all events of a chat, in order, and
// who is in which group. Out: its interactions with their steps, and who was in it.
// The rules that counters follow too are those of package fact, told step by step.
// Pure: it knows no storage, no tenant, no clock and no vendor's row.
package conversation

import (
	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// Groups says which groups an agent is in, the first of them first.
type Groups func(agentID string) []string

// Conversation is a chat told again.
type Conversation struct {
	ID      string
	Request *event.Event
	// Steps are the events that count, in order.
	Steps []Step
	// Interactions are its parts: the first begins with the request, each other with a
	// reopening.
	Interactions []Interaction
	// Stays are the times agents were in it, in the order in which they joined.
	Stays []Stay
	// End is the event that ended it, nil while it is open.
	End *event.Event
	// Known is what is known of it after all events.
	Known *fact.Chat
}

// Step is one event and the state after it.
type Step struct {
	*event.Event
	// Assigns says that the event is an assignment: see Assignment.
	Assigns bool
	// Assignment is the one in force.
	Assignment Assignment
	// Open says whether the chat is open, Department in which it is then.
	Open       bool
	Department string
	// Unanswered is when the visitor wrote the first message without an answer.
	Unanswered fact.Moment
	// Response is the sample that an agent's message gives, if it answers the visitor.
	Response *Response
}

// Response is how long a visitor waited for an agent's answer.
type Response struct{ Millis int64 }

// IsMessage says whether the step is a message that is not private.
func (s *Step) IsMessage() bool { return s.Type == "message.sent" && !s.Data.Private }

// Interaction is a part of a conversation. An event belongs to the last one that began
// at or before it, and what comes before the request to the first.
type Interaction struct {
	Number int // from 1
	Steps  []Step
	// Begin is the request or the reopening; Close the first close, nil if there is none:
	// then the interaction is not resolved.
	Begin, Close *Step
}

// Opener is who began the interaction. Of a request by anyone but the visitor only the
// kind is known.
func (i *Interaction) Opener() event.Actor {
	d := &i.Begin.Data
	switch {
	case i.Begin.Type != "chat.requested":
		return *d.By
	case d.InitiatedBy == "visitor":
		return event.Actor{Type: "user", ID: d.VisitorID, Name: d.VisitorName}
	}
	return event.Actor{Type: d.InitiatedBy}
}

// Stay is a time an agent was in the chat.
type Stay struct {
	Agent    string
	From, To int64 // To is fact.Forever while the agent is in it
	// Joined and Left are the events by which; a reopening puts back who was in it. Left is
	// nil while the agent is in it.
	Joined, Left *event.Event
}

// Tell tells the events of a chat. Without a request among them there is nothing to tell:
// nil.
func Tell(events []event.Event, groups Groups) *Conversation {
	t := teller{groups: groups}
	t.Steps = make([]Step, 0, len(events)) // its elements are pointed to
	requested := 0
	for e, known := range fact.Told(events) {
		t.step(e, known)
		if t.Request == nil && e.Type == "chat.requested" {
			t.Request, requested = e, len(t.Steps)-1
		}
		t.Known = known
	}
	if t.Request == nil {
		return nil
	}
	t.ID = t.Request.Subject
	t.divide(requested)
	return &t.Conversation
}

type teller struct {
	Conversation
	groups     Groups
	assignment Assignment
	stays      []open
	told       int // of the stays known
	responses  int // of the responses known
}

func (t *teller) step(e *event.Event, known *fact.Chat) {
	t.Steps = append(t.Steps, Step{Event: e, Assigns: t.assignment.take(e, t.groups), Open: known.Open, Unanswered: known.Unanswered})
	s := &t.Steps[len(t.Steps)-1]
	s.Assignment = t.assignment
	if known.Open {
		s.Department = known.Names.Name(known.Department)
		t.End = nil
	} else if t.End == nil {
		t.End = e
	}
	if n := len(known.Responses); n > t.responses {
		t.responses = n
		s.Response = &Response{Millis: known.Responses[n-1].Millis}
	}
	t.stay(e, known)
}

// divide divides the steps into interactions.
func (t *teller) divide(requested int) {
	begin, from := requested, 0
	for i := requested + 1; i <= len(t.Steps); i++ {
		if i < len(t.Steps) && t.Steps[i].Type != "chat.reopened" {
			continue
		}
		one := Interaction{Number: len(t.Interactions) + 1, Steps: t.Steps[from:i:i], Begin: &t.Steps[begin]}
		for j := range one.Steps {
			if one.Steps[j].Type == "chat.closed" {
				one.Close = &one.Steps[j]
				break
			}
		}
		t.Interactions = append(t.Interactions, one)
		begin, from = i, i
	}
}
