// Package conversation tells the events of one chat again, one at a time, with the
// state after each: what rows are made of. In: the events of a chat, in order, as often
// as they are asked for, and who is in which group. Out: its interactions, who was in it,
// and its steps, which are told and not kept: so a chat of any length takes little memory.
// The rules that counters follow too are those of package fact, told step by step.
// Pure: it knows no storage, no tenant, no clock and no vendor's row.
package conversation

import (
	"iter"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// Groups says which groups an agent is in, the first of them first.
type Groups func(agentID string) []string

// Conversation is a chat told again.
type Conversation struct {
	ID      string
	Request *event.Event
	// Interactions are its parts: the first begins with the request, each other with a
	// reopening.
	Interactions []Interaction

	// The following are known if all types of events are told.

	// Stays are the times agents were in it, in the order in which they joined.
	Stays []Stay
	// End is the event that ended it, nil while it is open.
	End *event.Place
	// Known is what is known of it after all events.
	Known *fact.Chat

	by     *Teller
	events event.Sequence
	types  []string // nil: all
}

// Step is one event and the state after it.
type Step struct {
	*event.Event
	// Assigns says that the event is an assignment: see Assignment.
	Assigns bool
	// Assignment is the one in force, Before the one in force before the event.
	Assignment, Before Assignment

	// The following are known if all types of events are told.

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
	// Begin is the request or the reopening; Close the first close, nil if there is none:
	// then the interaction is not resolved.
	Begin, Close *Step
	// Group is that of the first assignment in it that leaves it in one.
	Group string
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

// ClosedBy says whether a step is the interaction's close.
func (i *Interaction) ClosedBy(s *Step) bool {
	return i.Close != nil && s.ID == i.Close.ID && s.Source == i.Close.Source
}

// Stay is a time an agent was in the chat.
type Stay struct {
	Agent    string
	From, To int64 // To is fact.Forever while the agent is in it
	// Joined and Left are the events by which; a reopening puts back who was in it. Left is
	// nil while the agent is in it.
	Joined, Left *event.Place
}

// bounds and assigns are the types of the events that interactions and assignments follow
// from.
var (
	bounds  = []string{"chat.requested", "chat.reopened", "chat.closed"}
	assigns = []string{"chat.assigned", "chat.accepted", "chat.transferred"}
)

// Teller tells one chat after another. What it told is valid until the next one: it is told
// in the same memory.
type Teller struct {
	Groups Groups

	told Conversation
	said fact.Said
	kept []*kept // steps that conversations keep
	used int     // of these
}

// mostKept is how many are enough for most chats.
const mostKept = 100

type kept struct {
	Step
	event event.Event
}

// Tell tells the events of a chat; of its steps only those of the types asked for will be,
// and assignments. Nil are all types. Without a request among them there is nothing to tell:
// nil.
func (by *Teller) Tell(events event.Sequence, types []string) *Conversation {
	c := &by.told
	*c = Conversation{Interactions: append(c.Interactions[:0], Interaction{Number: 1}), Stays: c.Stays[:0], by: by, events: events, types: types}
	if by.used = 0; len(by.kept) > mostKept {
		by.kept = nil
	}
	t := teller{Conversation: c}
	for s, known := range t.steps(bounds) {
		t.divide(s)
		t.stay(s, known)
	}
	if c.Request == nil {
		return nil
	}
	return c
}

// Steps yields the steps in order, each with the interaction that it belongs to. One is the
// reader's until the next one comes; what it points to may be kept, but for the event. It
// tells the events anew, at each call.
func (c *Conversation) Steps() iter.Seq2[*Interaction, *Step] {
	return func(yield func(*Interaction, *Step) bool) {
		t, n := teller{Conversation: c}, 0
		for s := range t.steps(c.types) {
			for n+1 < len(c.Interactions) && event.Compare(c.Interactions[n+1].Begin.Event, s.Event) <= 0 {
				n++
			}
			if !yield(&c.Interactions[n], s) {
				return
			}
		}
	}
}

// teller tells the events once.
type teller struct {
	*Conversation
	responses int    // told, of those known
	stays     []open // that have not ended
	known     int    // of the stays known, those taken
}

// steps yields the steps, with what is known after each if all types are told; if not, those
// of some types, and assignments.
func (t *teller) steps(types []string) iter.Seq2[*Step, *fact.Chat] {
	return func(yield func(*Step, *fact.Chat) bool) {
		var s Step
		for e, known := range t.told(types) {
			s = Step{Event: e, Before: s.Assignment, Assignment: s.Assignment}
			s.Assigns = s.Assignment.take(e, t.by.Groups)
			if known != nil {
				t.state(&s, known)
			}
			if !yield(&s, known) {
				return
			}
		}
	}
}

// told yields the events that count.
func (t *teller) told(types []string) iter.Seq2[*event.Event, *fact.Chat] {
	if t.types == nil {
		return fact.Told(t.events)
	}
	wanted := func(typ string) bool { return slices.Contains(types, typ) || slices.Contains(assigns, typ) }
	return func(yield func(*event.Event, *fact.Chat) bool) {
		said := &t.by.said
		said.Forget()
		for e := range t.events(wanted) {
			if !said.Before(e) && !yield(e, nil) {
				return
			}
		}
	}
}

// state notes what is known after a step.
func (t *teller) state(s *Step, known *fact.Chat) {
	s.Open, s.Unanswered = known.Open, known.Unanswered
	if known.Open {
		s.Department = known.Names.Name(known.Department)
	}
	if n := len(known.Responses); n > t.responses {
		t.responses = n
		s.Response = &Response{Millis: known.Responses[n-1].Millis}
	}
}

// divide divides the steps into interactions. What comes before the request belongs to the
// first.
func (t *teller) divide(s *Step) {
	switch {
	case s.Type == "chat.requested" && t.Request == nil:
		begin := t.by.keep(s)
		t.Interactions[0].Begin, t.Request, t.ID = begin, begin.Event, s.Subject
	case s.Type == "chat.reopened" && t.Request != nil:
		t.Interactions = append(t.Interactions, Interaction{Number: len(t.Interactions) + 1, Begin: t.by.keep(s)})
	}
	i := &t.Interactions[len(t.Interactions)-1]
	if i.Close == nil && s.Type == "chat.closed" {
		i.Close = t.by.keep(s)
	}
	if i.Group == "" && s.Assigns {
		i.Group = s.Assignment.Group
	}
}

// keep is a step that outlasts its event.
func (by *Teller) keep(s *Step) *Step {
	if by.used == len(by.kept) {
		by.kept = append(by.kept, new(kept))
	}
	k := by.kept[by.used]
	by.used++
	k.Step, k.event = *s, *s.Event
	k.Event = &k.event
	return &k.Step
}
