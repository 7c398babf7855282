package payload

import (
	"strings"

	"chatreports/shared/event"
)

// livechat speaks as LiveChat. A chat of ours is a thread there, in a chat of the visitor's.
// It has no bots.
type livechat struct{}

func (*livechat) say(e *event.Event) []members {
	d := &e.Data
	about := func(action string, payload members) []members {
		return []members{{
			"webhook_id": "webhook-1", "secret_key": "", "action": action, "organization_id": "organization-1", "payload": payload, "additional_data": members{},
		}}
	}
	inThread := func(action string, payload members) []members {
		payload["chat_id"], payload["thread_id"] = "C"+e.Subject, e.Subject
		return about(action, payload)
	}
	switch e.Type {
	case "chat.requested":
		return about("incoming_chat", members{"chat": members{
			"id": "C" + e.Subject, "users": []members{{"id": d.VisitorID, "type": "customer"}}, "properties": members{},
			"thread": members{
				"id": e.Subject, "active": true, "user_ids": []string{d.VisitorID}, "events": []members{}, "access": groups(d.DepartmentID),
				"properties": members{"routing": members{"continuous": false, "start_url": d.PageURL}}, "created_at": micro(e),
			},
		}})
	case "message.sent":
		author := d.Actor.ID
		switch d.Actor.Type {
		case "bot", "system":
			return nil
		case "agent":
			author = address(author)
		}
		recipients := "all"
		if d.Private {
			recipients = "agents"
		}
		return inThread("incoming_event", members{"event": members{
			"id": d.MessageID, "type": "message", "text": words(d.Length), "author_id": author, "created_at": micro(e), "recipients": recipients,
		}})
	case "chat.accepted":
		return inThread("user_added_to_chat", members{"user_id": address(d.AgentID), "user_type": "agent", "reason": "assigned", "requester_id": address(d.AgentID)})
	case "chat.left":
		return inThread("user_removed_from_chat", members{"user_id": address(d.AgentID), "user_type": "agent", "reason": "manual", "requester_id": address(d.AgentID)})
	case "chat.transferred":
		to := groups(d.ToDepartmentID)
		if d.ToAgentID != "" {
			to["agent_ids"] = []string{address(d.ToAgentID)}
		}
		return inThread("chat_transferred", members{"reason": "manual", "transferred_to": to})
	case "chat.closed":
		closed := members{}
		if d.By.Type == "agent" {
			closed["user_id"] = address(d.By.ID)
		}
		return inThread("chat_deactivated", closed)
	case "chat.rated":
		score := 0
		if d.Score > 3 {
			score = 1
		}
		return inThread("thread_properties_updated", members{"properties": members{"rating": members{"score": score, "comment": d.Comment}}})
	case "chat.tagged", "chat.untagged":
		return inThread("thread_"+strings.TrimPrefix(e.Type, "chat."), members{"tag": d.Tag})
	case "agent.status_changed":
		status := "not accepting chats"
		switch d.Status {
		case "online":
			status = "accepting chats"
		case "offline":
			status = "offline"
		}
		return about("routing_status_set", members{"agent_id": address(e.Subject), "status": status})
	case "department.updated":
		return about("group_created", members{"id": number(e.Subject), "name": d.Name})
	}
	return nil
}

// address is an agent's id: an address.
func address(agent string) string { return "agent" + agent + "@example.com" }

// groups are the groups that see something: one, or all.
func groups(department string) members {
	if department == "" {
		return members{"group_ids": []int64{}}
	}
	return members{"group_ids": []int64{number(department)}}
}

// micro is a time as text, to the microsecond.
func micro(e *event.Event) string { return e.Time().Format("2006-01-02T15:04:05.000000Z") }
