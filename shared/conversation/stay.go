package conversation

import (
	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// open is a stay that has not ended, by its place in what is known and in what is told.
// Where the department changes, or an assignment becomes more, a known stay ends and
// another one goes on; what is told is one stay.
type open struct{ known, told int }

// stay notes who joined and who left by a step, and whether it ended the chat.
func (t *teller) stay(s *Step, known *fact.Chat) {
	if known == nil {
		return
	}
	t.Known = known
	place := s.Place()
	switch {
	case known.Open:
		t.End = nil
	case t.End == nil:
		t.End = &place
	}
	still := t.stays[:0]
	for _, o := range t.stays {
		in := &known.Stays[o.known]
		if in.To != fact.Forever {
			if o.known = t.goesOn(s.Event, known, in.Agent); o.known < 0 {
				t.Stays[o.told].To, t.Stays[o.told].Left = s.At, &place
				continue
			}
		}
		still = append(still, o)
	}
	t.stays = still
	for i := t.known; i < len(known.Stays); i++ {
		if in := &known.Stays[i]; in.To == fact.Forever && !t.has(i) {
			t.stays = append(t.stays, open{i, len(t.Stays)})
			t.Stays = append(t.Stays, Stay{Agent: known.Names.Name(in.Agent), From: in.From, To: fact.Forever, Joined: &place})
		}
	}
	t.known = len(known.Stays)
}

// goesOn is the new known stay of an agent who is in the chat as before, or -1. Who is
// transferred away and back by the same event has left.
func (t *teller) goesOn(e *event.Event, known *fact.Chat, agent fact.Ref) int {
	if from := e.Data.FromAgentID; e.Type == "chat.transferred" && (from == "" || from == known.Names.Name(agent)) {
		return -1
	}
	for i := t.known; i < len(known.Stays); i++ {
		if s := &known.Stays[i]; s.Agent == agent && s.To == fact.Forever {
			return i
		}
	}
	return -1
}

func (t *teller) has(known int) bool {
	for _, o := range t.stays {
		if o.known == known {
			return true
		}
	}
	return false
}
