package payload

import "chatreports/shared/event"

// chatbot speaks as ChatBot: of blocks that call a webhook. A story is one webhook.
type chatbot struct{}

func (chatbot) say(e *event.Event) []members {
	if e.Type != "bot.interaction" {
		return nil
	}
	d := &e.Data
	return []members{{
		"chatId": e.Subject, "messageId": e.ID, "userId": "user-" + e.Subject, "externalId": "",
		"node":           members{"id": d.InteractionID, "name": d.InteractionName, "type": "WEBHOOK", "webhookId": d.StoryID, "webhookName": d.StoryID},
		"userAttributes": members{}, "attributes": members{},
	}}
}
