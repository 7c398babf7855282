package payload

import "chatreports/shared/event"

// drift speaks as Drift: of messages, and of conversations that are closed or open.
type drift struct {
	pages map[string]string // where each chat was asked for
}

func (v *drift) say(e *event.Event) []members {
	d := &e.Data
	about := func(typ string, data members) []members {
		data["conversationId"] = number(e.Subject)
		return []members{{"type": typ, "orgId": 1, "token": "", "data": data}}
	}
	switch e.Type {
	case "chat.requested":
		v.pages[e.Subject] = d.PageURL
	case "message.sent":
		author := members{"id": number(d.Actor.ID), "type": "user", "bot": d.Actor.Type == "bot"}
		if d.Actor.Type == "user" {
			author["type"] = "contact"
		}
		kind := "chat"
		if d.Private {
			kind = "private_note"
		}
		return about("new_message", members{
			"id": number(d.MessageID), "body": words(d.Length), "author": author, "type": kind, "createdAt": e.At,
			"context": members{"href": v.pages[e.Subject]},
		})
	case "chat.closed":
		return about("conversation_status_updated", members{"status": "closed"})
	case "chat.reopened":
		return about("conversation_status_updated", members{"status": "open"})
	}
	return nil
}
