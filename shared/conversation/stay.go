package conversation

import (
	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// open is a stay that has not ended, by its place in what is known and in what is told.
// Where the department changes, or an assignment becomes more, a known stay ends and
// another one goes on; what is told is one stay.
type open struct{ known, told int }

// stay notes who joined and who left by an event.
func (t *teller) stay(e *event.Event, known *fact.Chat) {
	still := t.stays[:0]
	for _, o := range t.stays {
		s := &known.Stays[o.known]
		if s.To != fact.Forever {
			if o.known = t.goesOn(e, known, s.Agent); o.known < 0 {
				t.Stays[o.told].To, t.Stays[o.told].Left = e.At, e
				continue
			}
		}
		still = append(still, o)
	}
	t.stays = still
	for i := t.told; i < len(known.Stays); i++ {
		if s := &known.Stays[i]; s.To == fact.Forever && !t.has(i) {
			t.stays = append(t.stays, open{i, len(t.Stays)})
			t.Stays = append(t.Stays, Stay{Agent: known.Names.Name(s.Agent), From: s.From, To: fact.Forever, Joined: e})
		}
	}
	t.told = len(known.Stays)
}

// goesOn is the new known stay of an agent who is in the chat as before, or -1. Who is
// transferred away and back by the same event has left.
func (t *teller) goesOn(e *event.Event, known *fact.Chat, agent fact.Ref) int {
	if from := e.Data.FromAgentID; e.Type == "chat.transferred" && (from == "" || from == known.Names.Name(agent)) {
		return -1
	}
	for i := t.told; i < len(known.Stays); i++ {
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
