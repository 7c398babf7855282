// Package chatbot turns ChatBot's webhooks into events. In: a delivery to an address that
// has the token. Out: events of source "chatbot". It knows nothing else.
package chatbot

import (
	"encoding/json"
	"net/http"
	"time"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Provider is ChatBot.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.ChatBot }

// Hello answers the request by which ChatBot verifies a webhook: a GET with the token that
// was entered there, and a challenge to be given back.
func (Provider) Hello(w *tenant.Webhook, d *webhook.Delivery) *webhook.Reply {
	switch {
	case d.Method != http.MethodGet:
		return nil
	case !webhook.InURL(w, d):
		return &webhook.Reply{Status: http.StatusUnauthorized, ContentType: "text/plain; charset=utf-8", Body: "wrong token"}
	}
	return &webhook.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: d.Query.Get("challenge")}
}

// Authentic looks for the token in the address: ChatBot sends none with its events.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool { return webhook.InURL(w, d) }

// Reply leaves the running chat as it is: whatever else is answered is used in it.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "application/json", Body: "{}"}
}

// Kept has nothing beside the body: the token is in the address.
func (Provider) Kept() webhook.Kept { return webhook.Kept{} }

type payload struct {
	ChatID    string `json:"chatId"`
	MessageID string `json:"messageId"`
	Node      struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		WebhookID   string `json:"webhookId"`
		WebhookName string `json:"webhookName"`
	} `json:"node"`
}

// Events tells that a bot came to the block that calls the webhook. No event says which
// story the block is in or when it was: the story is the webhook, the time the second of
// the arrival.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	var p payload
	if err := json.Unmarshal(d.Body, &p); err != nil || p.ChatID == "" {
		return nil, webhook.NotOf("ChatBot", "", err, "a JSON object with chatId, messageId and node")
	}
	t := webhook.New(tenant.ChatBot, "block", d)
	story := p.Node.WebhookID
	if story == "" {
		story = "webhook"
	}
	id := p.MessageID
	if id == "" {
		id = webhook.Digest(string(d.Body))
	}
	t.Add("bot.interaction", p.ChatID, p.ChatID+"/"+id+"/"+p.Node.ID, d.Arrived.Truncate(time.Second), webhook.Members{
		"storyId": story, "interactionId": p.Node.ID, "interactionName": p.Node.Name, "source": "custom",
	})
	return t, nil
}
