package function

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/dialect"
	"chatreports/shared/journal"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/chatbot"
	"chatreports/shared/webhook/comm100"
	"chatreports/shared/webhook/drift"
	"chatreports/shared/webhook/freshchat"
	"chatreports/shared/webhook/livechat"
	"chatreports/shared/webhook/standard"
)

// Webhooks serves POST /v1/webhooks/{id}: what vendors post, each authenticated in the
// vendor's own way.
func Webhooks(d Deps) lambda.Handler {
	h := &webhook.Handler{
		Providers: []webhook.Provider{freshchat.Provider{}, drift.Provider{}, chatbot.Provider{}, livechat.Provider{}, comm100.Provider{}, standard.Provider{}},
		Find: func(ctx context.Context, id string) (tenant.Tenant, tenant.Webhook, bool, error) {
			return tenant.FindWebhook(ctx, d.State, id)
		},
		Journal: journal.New(d.Journal), Now: d.Now, Clock: time.Now, Log: d.Log,
	}
	return web.Lambda(web.Guard(dialect.Ours, d.Log, h))
}
