package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/journal"
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
	// Find finds whose a webhook is.
	Find    func(ctx context.Context, id string) (tenant.Tenant, tenant.Webhook, bool, error)
	Journal Journal
	// Now bounds the time of events; Clock never stands still.
	Now, Clock func() time.Time
	Log        *slog.Logger
}

func (h *Handler) provider(name string) Provider {
	for _, p := range h.Providers {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	body, refused := web.Body(w, r, MaxBytes)
	if refused != nil {
		web.Refuse(w, dialect.Ours, refused)
		return
	}
	owner, hook, ok, err := h.Find(ctx, strings.TrimPrefix(r.URL.Path, Prefix))
	if err != nil {
		h.unavailable(ctx, w, "looking up a webhook", err)
		return
	}
	provider := h.provider(hook.Provider)
	if !ok || provider == nil {
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusNotFound, "not_found", "There is no webhook at %s: its id is that of the tenants file.", dialect.Clip(r.URL.Path)))
		return
	}
	d := &Delivery{Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body, Arrived: h.Now(), Clock: h.Clock()}
	if hello := provider.Hello(&hook, d); hello != nil {
		hello.write(w)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusMethodNotAllowed, "method_not_allowed", "%s is not possible here; use POST.", r.Method))
		return
	}
	if !provider.Authentic(&hook, d) {
		h.Log.WarnContext(ctx, "a webhook was called by somebody else", "tenant", owner.ID, "webhook", hook.ID)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusUnauthorized, "not_authentic", "The signature or the token is not that of this webhook."))
		return
	}
	told, err := provider.Events(d)
	if err != nil {
		h.Log.WarnContext(ctx, "a webhook's body was not understood", "tenant", owner.ID, "webhook", hook.ID, "error", err)
		web.Refuse(w, dialect.Ours, dialect.Refuse(http.StatusBadRequest, "not_understood", "%s.", sentence(err)))
		return
	}
	fresh := 0
	if len(told.Events) > 0 {
		outcomes, err := h.Journal.Append(ctx, owner.ID, told.Events, h.Clock())
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
	h.Log.InfoContext(ctx, "webhook", "tenant", owner.ID, "webhook", hook.ID, "action", dialect.Clip(told.Action), "unknown", told.Unknown,
		"events", len(told.Events), "fresh", fresh, "refused", codes)
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
