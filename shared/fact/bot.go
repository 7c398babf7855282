package fact

import (
	"iter"

	"chatreports/shared/event"
)

// interacted notes an interaction of a bot.
func (c *Chat) interacted(e *event.Event) {
	d, n := &e.Data, &c.BotNames
	c.Bot = append(c.Bot, BotAnswer{
		At: e.At, Type: d.InteractionType, Story: n.ref(d.StoryID), Source: n.ref(d.Source),
		Interaction: n.ref(d.InteractionID), Parent: n.ref(d.ParentID), Name: n.ref(d.InteractionName),
	})
}

// tooLate says whether the first interaction of a bot is among these events, after messages
// whose times were not noted.
func (c *Chat) tooLate(events []event.Event) bool {
	return len(c.Bot) == 0 && c.LastActor != "" && has(events, "bot.interaction")
}

// noteTime notes when a message was sent.
func (c *Chat) noteTime(at int64) {
	if len(c.MessageTimes) > 0 {
		at -= c.MessageTimes[0]
	}
	c.MessageTimes = append(c.MessageTimes, at)
}

// Sent yields when the messages were sent whose times are noted, in Unix milliseconds.
func (c *Chat) Sent() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i, at := range c.MessageTimes {
			if i > 0 {
				at += c.MessageTimes[0]
			}
			if !yield(at) {
				return
			}
		}
	}
}

// untimed leaves of a chat what was known of it before interactions were noted whole.
func (c *Chat) untimed() {
	c.BotNames, c.MessageTimes = nil, nil
	for i := range c.Bot {
		c.Bot[i] = BotAnswer{At: c.Bot[i].At, Type: c.Bot[i].Type}
	}
}
