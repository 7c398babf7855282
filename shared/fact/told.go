package fact

import (
	"iter"

	"chatreports/shared/event"
)

// Told folds all the events of a chat, and stops after each that counts: what is known of
// the chat is then what was known at that moment.
func Told(events event.Sequence) iter.Seq2[*event.Event, *Chat] {
	return func(yield func(*event.Event, *Chat) bool) {
		t := New("chat").Chat.tell(events)
		for e := range events(func(string) bool { return true }) {
			if t.take(e) && !yield(e, t.Chat) {
				return
			}
		}
	}
}

// telling takes events of a chat, one after another.
type telling struct {
	*Chat
	said  Said // Follows says that none was folded before
	timed bool // the times of messages are noted
}

// tell begins with the request, if it is among the events: what comes before it may depend
// on it, as may what is noted of messages on an interaction of a bot.
func (c *Chat) tell(events event.Sequence) telling {
	if e := events.First("chat.requested"); e != nil {
		c.requested(e)
	}
	return telling{Chat: c, timed: len(c.Bot) > 0 || events.First("bot.interaction") != nil}
}

// take takes an event, and says whether it counts: a message that was told before, under
// another id of an event, only says that something happened.
func (t *telling) take(e *event.Event) bool {
	t.touch(e.At)
	if t.said.Before(e) {
		t.Marks.Updated = moment(e.At)
		return false
	}
	if isMessage(e) {
		t.Said = appendHash(t.Said, hashOf(e.Data.MessageID))
	}
	t.fold(e)
	if t.timed && e.Type == "message.sent" && !e.Data.Private {
		t.noteTime(e.At)
	}
	return true
}

// Said are the ids of the messages of a chat that were told.
type Said struct{ ids map[string]struct{} }

// Forget begins another chat, in the same memory if that is not much.
func (s *Said) Forget() {
	if len(s.ids) > 1000 {
		s.ids = nil
	}
	clear(s.ids)
}

// Before says whether an event is a message that was told before. If not, it is told now.
func (s *Said) Before(e *event.Event) bool {
	if !isMessage(e) {
		return false
	}
	n := len(s.ids)
	if s.ids == nil {
		s.ids = map[string]struct{}{}
	}
	s.ids[e.Data.MessageID] = struct{}{}
	return len(s.ids) == n
}
