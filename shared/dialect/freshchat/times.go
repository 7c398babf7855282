package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

var firstResponseTime = chatReport{
	name: "First-Response-Time",
	columns: []column[*row]{
		channelName,
		reopened,
		agentName,
		agentID,
		groupName,
		actorName,
		createdAt("when the first message of an agent in the interaction was sent"),
		interactionID,
		rawID,
		whole("total_first_response_time_in_seconds", "from the interaction's start to that message", func(r *row) string { return seconds(r.since(r.at)) }),
		groupID,
		belongs,
		conversationID,
		valueInSeconds("the part of it within business hours"),
		actorID,
		channelID,
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		responded := false
		return func(s *conversation.Step) {
			if responded || !s.IsMessage() || s.Data.Actor.Type != "agent" {
				return
			}
			responded = true
			if c.has(s.At) {
				r := c.rowOf(i, s)
				r.actor = *s.Data.Actor
				r.millis = c.window.Hours.Length(i.Begin.At, s.At)
				c.emit(r)
			}
		}
	},
	types: []string{"message.sent"},
}

// timed are the columns of the reports that tell a time.
func timed(created, value string) []column[*row] {
	return []column[*row]{
		channelName, subType, reopened, agentName, agentID, actorType, groupName, actorName, createdAt(created), interactionID, rawID, groupID,
		belongs, conversationID, valueInSeconds(value), actorID, channelID,
	}
}

var responseTime = chatReport{
	name:    "Response-Time",
	columns: timed("when the interaction was resolved", "sum of the response times up to then: each from the first visitor message not answered to the agent's message that answers"),
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		if i.Close == nil || !c.has(i.Close.At) {
			return nil
		}
		var sum int64
		var last *event.Actor
		closed := false
		return func(s *conversation.Step) {
			switch {
			case closed:
			case s.Response != nil:
				sum += s.Response.Millis
				last = s.Data.Actor
			case i.ClosedBy(s):
				if closed = true; last != nil {
					r := c.rowOf(i, i.Close)
					r.resolved()
					r.actor, r.millis = *last, sum
					c.emit(r)
				}
			}
		}
	},
}

var resolutionTime = chatReport{
	name:    "Resolution-Time",
	columns: timed("when the interaction was resolved", "from the interaction's start to then"),
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		if i.Close != nil && c.has(i.Close.At) {
			r := c.rowOf(i, i.Close)
			r.resolved()
			r.subType, r.millis = i.Close.Assignment.Routing, i.since(i.Close.At)
			c.emit(r)
		}
		return nil
	},
	types: none,
}
