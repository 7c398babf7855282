package function

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/journal"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
	"chatreports/shared/webhook"
)

// deliveries is how many deliveries a process takes in at once: of one tenant, and of all. On
// Lambda a process has one anyway.
var deliveries = admission.Limits{One: 1, Share: 8, All: 64, Wait: time.Second}

// Webhooks serves POST /v1/webhooks/{id}: what vendors post, each authenticated in the
// vendor's own way. The vendors are handed in.
func Webhooks(d Deps, vendors []webhook.Provider) lambda.Handler {
	h := &webhook.Handler{
		Providers: vendors, Webhooks: tenant.NewWebhooks(d.State, time.Now), Journal: journal.New(d.Journal),
		Objects: d.Objects, Gate: admission.New(deliveries), Now: d.Now, Clock: time.Now, Log: d.Log,
	}
	return web.Lambda(web.Guard(dialect.Ours, d.Log, h))
}
