package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

var conversationCreated = chatReport{
	name: "Conversation-Created",
	columns: []column[*row]{
		channelName,
		reopened,
		actorType,
		groupName,
		words("reopen_cause", "why it was reopened: AGENT_REOPEN, USER_MESSAGE, CUSTOMER_DISSATISFACTION, BOT or FREDDY BOT", reopenCause),
		createdAt("when the interaction started"),
		interactionID,
		words("conv_url", "where the conversation can be seen: the tenant's template", func(r *row) string { return r.window.Tenant.Links.ConversationURL(r.id) }),
		rawID,
		groupID,
		conversationID,
		truth("is_conv_offline", "whether it started outside business hours, or as the request says", offline),
		channelID,
		words("user_id", "the visitor (our addition)", func(r *row) string { return r.Request.Data.VisitorID }),
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		if c.has(i.Begin.At) {
			r := c.rowOf(i, i.Begin)
			r.actor, r.group = opener(i), firstGroup(i)
			c.emit(r)
		}
		return nil
	},
	types: none,
}

func opener(i *interaction) event.Actor {
	by := i.Opener()
	return actor(&by)
}

// firstGroup is the group of the first assignment inside the interaction that leaves it in
// one, else the one carried over, else the one the request asks for.
func firstGroup(i *interaction) string {
	if i.Group != "" {
		return i.Group
	}
	if i.Number == 1 {
		return i.Begin.Data.DepartmentID
	}
	return i.Begin.Assignment.Group
}

func reopenCause(r *row) string {
	if r.Number == 1 {
		return ""
	}
	cause := r.Begin.Data.Cause
	if cause == "" {
		cause = map[string]string{"agent": "agent_reopen", "user": "user_message", "bot": "bot"}[r.actor.Type]
	}
	if cause == "bot" && freddy(&r.actor) {
		return "FREDDY BOT"
	}
	return capitals(cause)
}

func offline(r *row) string {
	if said := r.Request.Data.Offline; r.Number == 1 && said != nil {
		return yes(*said)
	}
	return yes(!r.window.Hours.Open(r.at))
}

var messageSent = chatReport{
	name: "Message-Sent",
	columns: []column[*row]{
		channelName,
		words("actor_sub_type", "of a SYSTEM's message how it was routed, else the actor's subType", func(r *row) string { return r.subType }),
		reopened,
		actorType,
		groupName,
		actorName,
		createdAt("when the message was sent"),
		interactionID,
		rawID,
		groupID,
		conversationID,
		actorID,
		channelID,
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		return func(s *conversation.Step) {
			if s.IsMessage() && c.has(s.At) {
				r := c.rowOf(i, s)
				r.actor, r.subType = actor(s.Data.Actor), routed(s)
				c.emit(r)
			}
		}
	},
	types: []string{"message.sent"},
}

func routed(s *conversation.Step) string {
	switch {
	case s.Data.Actor.Type != "system":
		return ""
	case s.Data.Routing != "":
		return s.Data.Routing
	}
	return s.Data.Actor.SubType
}
