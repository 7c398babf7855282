// Package ingest takes events over HTTP. In: a request in one of the forms that
// CloudEvents has, or newline-delimited. Out: events in the journal, and an answer
// that says of each whether it was new, known or refused, and why. It knows no
// event type, no report and no clock of its own.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/table"
	"chatreports/shared/web"
)

// Limits of one request. MaxBytes holds for the body as sent and unpacked.
const (
	MaxEvents = 500
	MaxBytes  = 5 << 20
)

// Journal is where events go. fresh[i] says that events[i] was new.
type Journal interface {
	Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) (fresh []bool, err error)
}

// Handler serves POST /v1/events for the tenant that web.Identify names.
type Handler struct {
	Journal Journal
	// Now bounds the time of events.
	Now func() time.Time
	// Stored is when an event is stored: the first of two with the same source and
	// id counts, so it must not stand still.
	Stored func() time.Time
	Log    *slog.Logger
}

// Answer is what a request comes to.
type Answer struct {
	Accepted   int       `json:"accepted"`
	Duplicates int       `json:"duplicates"`
	Refused    []Refused `json:"refused"`
	// Warnings are of events that were taken, or known.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Warning is of a member that the event's type does not know.
type Warning struct {
	Index int `json:"index"`
	event.Warning
}

// Refused is one event that was not taken; Index is its place in the request.
type Refused struct {
	Index int `json:"index"`
	event.Refusal
}

// Waits that callers are told when nothing was stored.
const (
	retryThrottled   = 2 * time.Second
	retryUnavailable = 5 * time.Second
)

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, refused := decode(r.Header, r.Body)
	if refused != nil {
		web.Refuse(w, dialect.Ours, refused)
		return
	}
	answer := Answer{Refused: []Refused{}}
	events := make([]event.Event, 0, len(raw))
	now := h.Now()
	for i := range raw {
		e, warnings, refusal := event.Event{}, []event.Warning(nil), raw[i].refusal
		if refusal == nil {
			e, warnings, refusal = event.Parse(raw[i].json, now)
		}
		if refusal != nil {
			answer.Refused = append(answer.Refused, Refused{i, *refusal})
			continue
		}
		events = append(events, e)
		for _, w := range warnings {
			answer.Warnings = append(answer.Warnings, Warning{i, w})
		}
	}
	if len(events) > 0 {
		fresh, err := h.Journal.Append(r.Context(), web.Identify(r.Context()).Tenant.ID, events, h.Stored())
		if err != nil {
			h.fail(w, r, err)
			return
		}
		for _, isNew := range fresh {
			if isNew {
				answer.Accepted++
			} else {
				answer.Duplicates++
			}
		}
	}
	status := http.StatusAccepted
	if len(raw) > 0 && len(answer.Refused) == len(raw) {
		status = http.StatusBadRequest
	}
	web.WriteJSON(w, status, "application/json", answer)
}

// fail says that the request should be sent again. Some of it may be stored by
// then: what is sent twice counts once.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, table.ErrThrottled) {
		h.Log.WarnContext(r.Context(), "storing events", "error", err)
		web.Refuse(w, dialect.Ours, &dialect.Refusal{
			Status: http.StatusTooManyRequests, Code: "throttled",
			Detail: "Too much at once: send the same again a little later.", RetryAfter: retryThrottled,
		})
		return
	}
	h.Log.ErrorContext(r.Context(), "storing events", "error", err)
	web.Refuse(w, dialect.Ours, &dialect.Refusal{
		Status: http.StatusServiceUnavailable, Code: "unavailable",
		Detail: "The events could not be stored: send the same again.", RetryAfter: retryUnavailable,
	})
}
