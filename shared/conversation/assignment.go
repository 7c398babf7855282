package conversation

import "chatreports/shared/event"

// Assignment is whom a chat is assigned to: an agent, a group, both or neither.
type Assignment struct {
	Agent, Group string
	// Routing is how the last assignment came about. A routed assignment does not outlast
	// an acceptance or a transfer that changes the agent.
	Routing string
}

// take takes an event and says whether it is an assignment: chat.assigned, chat.accepted
// or chat.transferred that names an agent or a group. A group alone leaves nobody; an
// agent without a group takes over the group there is, or brings the first of their own.
func (a *Assignment) take(e *event.Event, groups Groups) bool {
	d := &e.Data
	agent, group := "", ""
	switch e.Type {
	case "chat.assigned":
		agent, group = d.AgentID, d.GroupID
	case "chat.accepted":
		agent, group = d.AgentID, d.DepartmentID
	case "chat.transferred":
		agent, group = d.ToAgentID, d.ToDepartmentID
	}
	if agent == "" && group == "" {
		return false
	}
	switch {
	case e.Type == "chat.assigned":
		a.Routing = d.Routing
	case agent != a.Agent:
		a.Routing = ""
	}
	a.Agent = agent
	if group != "" {
		a.Group = group
	} else if a.Group == "" {
		if own := groups(agent); len(own) > 0 {
			a.Group = own[0]
		}
	}
	return true
}
