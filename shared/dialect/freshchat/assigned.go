package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

var agentAssigned = chatReport{
	name:    "Conversation-Agent-Assigned",
	columns: timed("when it was assigned to the agent", "from the interaction's start to then"),
	rows: func(c *chat, i *interaction) {
		assigned(c, i, func(s *conversation.Step, before conversation.Assignment) bool {
			switch s.Type {
			case "chat.assigned":
				return s.Data.AgentID != ""
			case "chat.accepted":
				return s.Data.AgentID != before.Agent
			}
			return s.Data.ToAgentID != "" && s.Data.ToAgentID != before.Agent
		})
	},
}

var groupAssigned = chatReport{
	name:    "Conversation-Group-Assigned",
	columns: timed("when it was assigned to the group", "from the interaction's start to then"),
	rows: func(c *chat, i *interaction) {
		assigned(c, i, func(s *conversation.Step, before conversation.Assignment) bool {
			switch s.Type {
			case "chat.assigned":
				return s.Data.GroupID != ""
			case "chat.accepted":
				return s.Data.DepartmentID != "" && s.Data.DepartmentID != before.Group
			}
			return s.Data.ToDepartmentID != "" && s.Data.ToDepartmentID != before.Group
		})
	},
}

// assigned gives a row for every assignment that counts, told from the one before.
func assigned(c *chat, i *interaction, counts func(s *conversation.Step, before conversation.Assignment) bool) {
	var before conversation.Assignment // what is carried over stands with the reopening
	for j := range i.Steps {
		s := &i.Steps[j]
		if s.Assigns && c.has(s.At) && counts(s, before) {
			r := c.rowOf(i, s)
			r.actor, r.subType, r.millis = assigner(s), s.Assignment.Routing, i.since(s.At)
			c.emit(r)
		}
		before = s.Assignment
	}
}

// assigner is who assigned: of an acceptance the agent, of a transfer the agent who gave
// it away, else the system.
func assigner(s *conversation.Step) event.Actor {
	switch {
	case s.Type == "chat.assigned":
		return actor(s.Data.By)
	case s.Type == "chat.accepted":
		return event.Actor{Type: "agent", ID: s.Data.AgentID}
	case s.Data.FromAgentID != "":
		return event.Actor{Type: "agent", ID: s.Data.FromAgentID}
	}
	return event.Actor{Type: "system"}
}
