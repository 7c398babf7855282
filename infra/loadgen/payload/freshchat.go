package payload

import (
	"hash/crc32"
	"strconv"

	"chatreports/shared/event"
)

// freshchat speaks as Freshchat: of messages, assignments, resolutions and reopenings.
type freshchat struct {
	chats  map[string]*conversation
	groups map[string][]string // of each agent
}

// conversation is what payloads repeat of a chat.
type conversation struct {
	id, channel, visitor string
	interaction          string
	agent, group         string // whom it is assigned to
}

func (v *freshchat) say(e *event.Event) []members {
	if e.Type == "agent.updated" && e.Data.DepartmentIDs != nil {
		v.groups[e.Subject] = *e.Data.DepartmentIDs
	}
	if e.Type == "chat.requested" {
		c := &conversation{id: e.Subject, channel: e.Data.ChannelID, visitor: e.Data.VisitorID}
		c.begin(e.At)
		v.chats[e.Subject] = c
	}
	c := v.chats[e.Subject]
	if c == nil {
		return nil
	}
	d := &e.Data
	switch e.Type {
	case "message.sent":
		kind := "normal"
		if d.Private {
			kind = "private"
		}
		return c.action(e, "message_create", d.Actor, "message", members{
			"message_parts": []members{{"text": members{"content": words(d.Length)}}}, "app_id": "app-1", "actor_id": d.Actor.ID, "actor_type": d.Actor.Type,
			"id": d.MessageID, "channel_id": c.channel, "conversation_id": c.id, "message_type": kind, "created_time": rfc3339(e),
			"user_id": c.visitor, "message_source": "web",
		})
	case "chat.assigned":
		return v.assign(c, e, d.By, d.AgentID, d.GroupID)
	case "chat.accepted":
		return v.assign(c, e, &event.Actor{Type: "agent", ID: d.AgentID}, d.AgentID, d.DepartmentID)
	case "chat.transferred":
		by := &event.Actor{Type: "system"}
		if d.FromAgentID != "" {
			by = &event.Actor{Type: "agent", ID: d.FromAgentID}
		}
		return v.assign(c, e, by, d.ToAgentID, d.ToDepartmentID)
	case "chat.closed":
		return c.action(e, "conversation_resolution", d.By, "resolve", members{
			"resolver": d.By.Type, "resolver_id": d.By.ID, "conversation": c.state("resolved"),
		})
	case "chat.reopened":
		c.begin(e.At)
		return c.action(e, "conversation_reopen", d.By, "reopen", members{
			"reopener": d.By.Type, "reopener_id": d.By.ID, "conversation": c.state("reopened"),
		})
	}
	return nil
}

// begin begins an interaction.
func (c *conversation) begin(at int64) {
	c.interaction = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(c.id))), 10) + "-" + strconv.FormatInt(at, 10)
}

// assign tells an assignment that changes something: to an agent, whose group is the first
// of their own if the conversation has none, to a group, or to both.
func (v *freshchat) assign(c *conversation, e *event.Event, by *event.Actor, agent, group string) []members {
	if agent == "" && group == "" {
		return nil
	}
	from := *c
	c.agent = agent
	if group != "" {
		c.group = group
	} else if own := v.groups[agent]; c.group == "" && len(own) > 0 {
		c.group = own[0]
	}
	if c.agent == from.agent && c.group == from.group {
		return nil
	}
	return c.action(e, "conversation_assignment", by, "assignment", members{
		"assignor": by.Type, "assignor_id": by.ID, "to_agent_id": c.agent, "to_group_id": c.group, "from_agent_id": from.agent, "from_group_id": from.group,
		"conversation": c.state("assigned"),
	})
}

// state is the conversation as assignments, resolutions and reopenings have it.
func (c *conversation) state(status string) members {
	return members{
		"conversation_id": c.id, "app_id": "app-1", "status": status, "channel_id": c.channel,
		"assigned_agent_id": c.agent, "assigned_group_id": c.group,
	}
}

// action is a payload about what stands under a name in data.
func (c *conversation) action(e *event.Event, action string, by *event.Actor, name string, data members) []members {
	data["interaction_id"] = c.interaction
	return []members{{
		"actor": members{"actor_type": by.Type, "actor_id": by.ID}, "action": action, "action_time": rfc3339(e), "data": members{name: data},
	}}
}
