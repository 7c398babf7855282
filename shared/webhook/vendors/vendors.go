// Package vendors lists the vendors whose webhooks are understood.
package vendors

import (
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/chatbot"
	"chatreports/shared/webhook/comm100"
	"chatreports/shared/webhook/drift"
	"chatreports/shared/webhook/freshchat"
	"chatreports/shared/webhook/livechat"
	"chatreports/shared/webhook/standard"
)

// All are the vendors, in the order of tenant.Providers.
func All() []webhook.Provider {
	return []webhook.Provider{freshchat.Provider{}, drift.Provider{}, chatbot.Provider{}, livechat.Provider{}, comm100.Provider{}, standard.Provider{}}
}
