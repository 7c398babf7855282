package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

var agentAssigned = chatReport{
	name:    "Conversation-Agent-Assigned",
	columns: timed("when it was assigned to the agent", "from the interaction's start to then"),
	rows: assigned(func(s *conversation.Step) bool {
		switch s.Type {
		case "chat.assigned":
			return s.Data.AgentID != ""
		case "chat.accepted":
			return s.Data.AgentID != s.Before.Agent
		}
		return s.Data.ToAgentID != "" && s.Data.ToAgentID != s.Before.Agent
	}),
	types: none,
}

var groupAssigned = chatReport{
	name:    "Conversation-Group-Assigned",
	columns: timed("when it was assigned to the group", "from the interaction's start to then"),
	rows: assigned(func(s *conversation.Step) bool {
		switch s.Type {
		case "chat.assigned":
			return s.Data.GroupID != ""
		case "chat.accepted":
			return s.Data.DepartmentID != "" && s.Data.DepartmentID != s.Before.Group
		}
		return s.Data.ToDepartmentID != "" && s.Data.ToDepartmentID != s.Before.Group
	}),
	types: none,
}

// assigned gives a row for every assignment that counts.
func assigned(counts func(s *conversation.Step) bool) func(*chat, *interaction) func(*conversation.Step) {
	return func(c *chat, i *interaction) func(*conversation.Step) {
		return func(s *conversation.Step) {
			if s.Assigns && c.has(s.At) && counts(s) {
				r := c.rowOf(i, s)
				r.actor, r.subType, r.millis = assigner(s), s.Assignment.Routing, i.since(s.At)
				c.emit(r)
			}
		}
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
