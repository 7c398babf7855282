package fact

import (
	"iter"

	"chatreports/shared/event"
)

// Told folds all the events of a chat, and stops after each that counts: what is known of
// the chat is then what was known at that moment.
func Told(events []event.Event) iter.Seq2[*event.Event, *Chat] {
	return func(yield func(*event.Event, *Chat) bool) {
		t := New("chat").Chat.tell(events)
		for i := range events {
			if e := &events[i]; t.take(e) && !yield(e, t.Chat) {
				return
			}
		}
	}
}

// telling takes events of a chat, one after another.
type telling struct {
	*Chat
	said  map[string]struct{} // the ids of messages; Follows says that none was folded before
	timed bool                // the times of messages are noted
}

// tell begins with the request, if it is among the events: what comes before it may depend
// on it.
func (c *Chat) tell(events []event.Event) telling {
	if i := request(events); i >= 0 {
		c.requested(&events[i])
	}
	return telling{Chat: c, timed: c.timed(events)}
}

// take takes an event, and says whether it counts: a message that was told before, under
// another id of an event, only says that something happened.
func (t *telling) take(e *event.Event) bool {
	t.touch(e.At)
	if isMessage(e) {
		if _, again := t.said[e.Data.MessageID]; again {
			t.Marks.Updated = moment(e.At)
			return false
		}
		if t.said == nil {
			t.said = map[string]struct{}{}
		}
		t.said[e.Data.MessageID] = struct{}{}
		t.Said = appendHash(t.Said, hashOf(e.Data.MessageID))
	}
	t.fold(e)
	if t.timed && e.Type == "message.sent" && !e.Data.Private {
		t.noteTime(e.At)
	}
	return true
}
