package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/payload"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// Prefix is where webhooks are called; a webhook's id follows.
const Prefix = "/v1/webhooks/"

// MaxBytes is the largest body that is taken.
const MaxBytes = 1 << 20

// Journal is where events go.
type Journal interface {
	Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) ([]journal.Outcome, error)
}

// Handler serves every webhook of every tenant.
type Handler struct {
	Providers []Provider
	Webhooks  *tenant.Webhooks
	Journal   Journal
	// Objects is where deliveries are kept.
	Objects object.Store
	// Gate lets in so many deliveries of a tenant at once, so that others find room.
	Gate *admission.Gate
	// Now bounds the time of events; Clock never stands still.
	Now, Clock func() time.Time
	Log        *slog.Logger
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	body, refused := web.Body(w, r, MaxBytes)
	if refused != nil {
		web.Refuse(w, dialect.Ours, refused)
		return
	}
	d := &Delivery{Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body, Arrived: h.Now().Truncate(time.Millisecond), Clock: h.Clock()}
	c, err := h.recognise(ctx, strings.TrimPrefix(r.URL.Path, Prefix), d)
	switch {
	case err != nil:
		h.unavailable(ctx, w, "looking up a webhook", err)
		return
	case c.provider == nil:
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusNotFound, "not_found", "There is no webhook at %s: its id is that of the tenants file.", dialect.Clip(r.URL.Path)))
		return
	case c.hello != nil:
		c.hello.write(w)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusMethodNotAllowed, "method_not_allowed", "%s is not possible here; use POST.", r.Method))
		return
	case !c.authentic:
		h.Log.WarnContext(ctx, "a webhook was called by somebody else", "tenant", c.hook.Tenant.ID, "webhook", c.hook.ID)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusUnauthorized, "not_authentic", "The signature or the token is not that of this webhook."))
		return
	}
	web.Note(ctx, slog.String("tenant", c.hook.Tenant.ID), slog.String("webhook", c.hook.ID))
	ctx, leave := h.Gate.Visit(ctx, c.hook.Tenant.ID)
	defer leave()
	if err := admission.Need(ctx, 1); err != nil {
		h.busy(ctx, w, &c.hook, err)
		return
	}
	h.take(ctx, w, c.provider, &c.hook, d)
}

// caller is who calls a webhook.
type caller struct {
	hook      tenant.Hook
	provider  Provider // nil: there is no such webhook
	authentic bool
	hello     *Reply // the answer to a call that only sets up
}

// recognise looks the webhook up, and whether the vendor calls it; once more, and not from
// memory, if the secret is not the one remembered: it may be new.
func (h *Handler) recognise(ctx context.Context, id string, d *Delivery) (c caller, err error) {
	for _, find := range []func(context.Context, string) (tenant.Hook, bool, error){h.Webhooks.Find, h.Webhooks.FindAgain} {
		hook, ok, err := find(ctx, id)
		if err != nil || !ok {
			return caller{}, err
		}
		c = caller{hook: hook, provider: ByName(h.Providers, hook.Provider)}
		if c.provider == nil {
			return c, nil
		}
		if c.hello = c.provider.Hello(&hook.Webhook, d); c.hello != nil {
			c.authentic = c.hello.Status == http.StatusOK
		} else {
			c.authentic = d.Method == http.MethodPost && c.provider.Authentic(&hook.Webhook, d)
		}
		if c.authentic {
			return c, nil
		}
	}
	return c, nil
}

// take takes in a delivery that is the vendor's: it is kept, then what it tells is stored,
// then it is acknowledged. So what was acknowledged is kept, whatever is made of it today.
func (h *Handler) take(ctx context.Context, w http.ResponseWriter, provider Provider, hook *tenant.Hook, d *Delivery) {
	kept := keep(provider, hook, d)
	if days := hook.Tenant.PayloadsKept(); days > 0 {
		if err := payload.Keep(ctx, h.Objects, days, kept); err != nil {
			h.unavailable(ctx, w, "keeping a delivery", err)
			return
		}
	}
	log := h.Log.With("tenant", hook.Tenant.ID, "webhook", hook.ID)
	told, err := provider.Events(delivered(kept))
	if err != nil {
		log.WarnContext(ctx, "a webhook's body was not understood", "error", err)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusBadRequest, "not_understood", "%s.", sentence(err)))
		return
	}
	fresh := 0
	if len(told.Events) > 0 {
		outcomes, err := h.Journal.Append(ctx, hook.Tenant.ID, told.Events, h.Clock())
		if err != nil {
			h.unavailable(ctx, w, "storing what a webhook tells", err)
			return
		}
		for _, o := range outcomes {
			if o.Fresh {
				fresh++
			}
		}
	}
	codes := make([]string, 0, len(told.Refused))
	for i := range told.Refused {
		codes = append(codes, told.Refused[i].Code+" "+told.Refused[i].Field)
	}
	log.InfoContext(ctx, "webhook", "action", dialect.Clip(told.Action), "unknown", told.Unknown, "events", len(told.Events), "fresh", fresh, "refused", codes)
	provider.Reply().write(w)
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

func (r Reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body)
}

// busy says that the tenant, or everybody, has too many deliveries under way.
func (h *Handler) busy(ctx context.Context, w http.ResponseWriter, hook *tenant.Hook, err error) {
	full, ok := errors.AsType[*admission.BusyError](err)
	if !ok {
		h.unavailable(ctx, w, "waiting for room", err)
		return
	}
	h.Log.WarnContext(ctx, "a webhook found no room", "tenant", hook.Tenant.ID, "webhook", hook.ID, "own", full.Own)
	refused := &dialect.Refusal{Status: http.StatusServiceUnavailable, Code: "busy", Detail: "Too much is being taken in; send it again.", RetryAfter: retry}
	if full.Own {
		refused.Status, refused.Code, refused.Detail = http.StatusTooManyRequests, "too_many_deliveries", "Too many deliveries of this tenant come at once; send it again."
	}
	web.Refuse(w, dialect.Ours, refused)
}

// retry is when a vendor should call again.
const retry = 5 * time.Second

// unavailable says that nothing may have been stored, and that the same should be sent
// again: every vendor does, and what is sent twice counts once.
func (h *Handler) unavailable(ctx context.Context, w http.ResponseWriter, doing string, err error) {
	refused := &dialect.Refusal{Status: http.StatusServiceUnavailable, Code: "unavailable", Detail: "It could not be stored; send it again.", RetryAfter: retry}
	if errors.Is(err, table.ErrThrottled) {
		refused.Status, refused.Code = http.StatusTooManyRequests, "throttled"
	}
	h.Log.ErrorContext(ctx, "a webhook", "doing", doing, "error", err)
	web.Refuse(w, dialect.Ours, refused)
}
