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
	"chatreports/shared/intake"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/web"
)

// Limits of one request. MaxBytes holds for the body as it is sent, and unpacked. What a
// function gets is longer, by base64 or by escapes, and Lambda passes on 6 MB of it.
const (
	MaxEvents = 500
	MaxBytes  = 5 << 20
)

// Journal is where events go. It says of each what became of it.
type Journal interface {
	Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) ([]journal.Outcome, error)
}

// Handler serves POST /v1/events for the tenant that web.Identify names.
type Handler struct {
	Journal Journal
	// Now bounds the time of events.
	Now func() time.Time
	// Stored is when an event is stored: the first of two with the same source and
	// id counts, so it must not stand still.
	Stored func() time.Time
	// Note counts what was wrong with a request's events; nil: nobody does.
	Note func(ctx context.Context, tenant string, t intake.Tally)
	Log  *slog.Logger
}

// Answer is what a request comes to.
type Answer struct {
	Accepted   int       `json:"accepted"`
	Duplicates int       `json:"duplicates"`
	Refused    []Refused `json:"refused"`
	// Conflicts are of events whose source and id are used by another.
	Conflicts []Conflict `json:"conflicts,omitempty"`
	// Warnings are of events that were taken, or known.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Conflict says of an event that was taken, or known, why it does not count.
type Conflict struct {
	Index   int    `json:"index"`
	ID      string `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

const codeReused = "id_reused"

// conflictMessages say what a conflict means for whoever sent the event.
var conflictMessages = map[journal.Conflict]string{
	journal.OtherContent: "an event with this 'source' and 'id', of the same subject and time, is known with other content, which stands; " +
		"to correct it, take it back with event.retracted and send what is right under a new 'id'",
	journal.OtherTime: "this 'source' and 'id' are used for another time of the same subject in this request: of a chat, of an hour of a visitor " +
		"and of a day of an agent the one stored first counts; give every event an 'id' of its own",
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
	answer, wrong := Answer{Refused: []Refused{}}, intake.Tally{}
	who := web.Identify(r.Context()).Tenant.ID
	events := make([]event.Event, 0, len(raw))
	places := make([]int, 0, len(raw)) // of the events in the request
	now := h.Now()
	for i := range raw {
		e, warnings, refusal := event.Event{}, []event.Warning(nil), raw[i].refusal
		if refusal == nil {
			e, warnings, refusal = event.Parse(raw[i].json, now)
		}
		if refusal != nil {
			answer.Refused = append(answer.Refused, Refused{i, *refusal})
			wrong.Refuse(refusal.Code)
			continue
		}
		events, places = append(events, e), append(places, i)
		if len(warnings) > 0 {
			wrong.Warned++
		}
		for _, w := range warnings {
			answer.Warnings = append(answer.Warnings, Warning{i, w})
		}
	}
	if len(events) > 0 {
		outcomes, err := h.Journal.Append(r.Context(), who, events, h.Stored())
		if err != nil {
			h.fail(w, r, err)
			return
		}
		for i, o := range outcomes {
			if o.Fresh {
				answer.Accepted++
				if events[i].Type == event.Retracted {
					wrong.Retracted++
				}
			} else {
				answer.Duplicates++
			}
			if message := conflictMessages[o.Conflict]; message != "" {
				wrong.Conflicts++
				answer.Conflicts = append(answer.Conflicts, Conflict{places[i], events[i].ID, codeReused, message})
			}
		}
	}
	if h.Note != nil {
		h.Note(r.Context(), who, wrong)
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
