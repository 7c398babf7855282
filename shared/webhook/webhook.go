// Package webhook takes in what vendors post about chats, in their own words. In: a
// delivery, and what the tenant knows the vendor by. Out: events, and the answer that the
// vendor expects. The packages below it know one vendor each; this one has what they
// share, and the handler in front of them. It knows no report.
package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// Delivery is one request of a vendor, its body as it was sent.
type Delivery struct {
	Method string
	Header http.Header
	Query  url.Values
	Body   []byte
	// Arrived is when it came, by the clock that bounds events: the time of whatever the
	// vendor gives none. Clock is the real time, which does not stand still.
	Arrived, Clock time.Time
}

// Reply is what a vendor is answered.
type Reply struct {
	Status      int
	ContentType string
	Body        string
}

// Provider is one vendor.
type Provider interface {
	// Name is the provider in the tenants file, and the source of its events.
	Name() string
	// Hello answers a request that only sets the webhook up; nil: it is none.
	Hello(w *tenant.Webhook, d *Delivery) *Reply
	// Authentic says whether a delivery is the vendor's. What it compares, it compares in
	// constant time.
	Authentic(w *tenant.Webhook, d *Delivery) bool
	// Events tells what a delivery says, as it is kept: without its secret and with no headers
	// but those of Kept. It is pure: the same delivery, the same events. An error means that
	// the body is not of the vendor's form.
	Events(d *Delivery) (*Told, error)
	// Reply is the answer to what was taken in, or is of no interest.
	Reply() Reply
	// Kept says what of a delivery is kept: Events has nothing else to go by.
	Kept() Kept
}

// Kept is what of a vendor's deliveries is kept with the body, and what is not.
type Kept struct {
	// Headers are those that Events goes by, or may go by one day.
	Headers []string
	// Secret is the member of the body that is a secret; empty: there is none.
	Secret string
}

// NotOf says that a body is not of a vendor's form: which member of what was read is of another
// kind, if that is why, and else what should be there. within is what was read, "" the body.
func NotOf(vendor, within string, err error, should string) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		should = within + wrong.Field + " is of another kind, " + wrong.Value
	}
	return errors.New("the body is not of " + vendor + "'s form: " + should)
}

// Told is what a delivery says: events, each with an id made of the vendor's own, so that
// the vendor's retry is a duplicate.
type Told struct {
	Source string
	// Action is the vendor's name of what happened. Unknown: this program knows no events
	// for it.
	Action  string
	Unknown bool
	Events  []event.Event
	// Refused are events that could not be made, because something in the delivery is
	// missing or is no such value.
	Refused []event.Refusal

	now time.Time
}

// New begins what a delivery says.
func New(source, action string, d *Delivery) *Told {
	return &Told{Source: source, Action: action, now: d.Arrived}
}

// Members are those of an event's data, by name. Empty texts are left out.
type Members map[string]any

// Add adds an event.
func (t *Told) Add(typ, subject, id string, at time.Time, members Members) {
	data := Members{}
	for name, v := range members {
		if s, ok := v.(string); !ok || s != "" {
			data[name] = v
		}
	}
	raw, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": short(id), "source": t.Source, "type": typ, "subject": subject,
		"time": at.UTC().Format("2006-01-02T15:04:05.000Z"), "data": data,
	})
	if err != nil {
		t.Refused = append(t.Refused, event.Refusal{Code: event.CodeInvalidJSON, Message: err.Error()})
		return
	}
	e, _, refused := event.Parse(raw, t.now)
	if refused != nil {
		t.Refused = append(t.Refused, *refused)
		return
	}
	t.Events = append(t.Events, e)
}

// short is an id that is not too long for one.
func short(id string) string {
	if len(id) <= event.MaxIDBytes {
		return id
	}
	return Digest(id)
}

// Digest stands for a text: for the id of an event that the vendor gives none.
func Digest(text string) string { return hex.EncodeToString(hash(text)) }

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:16]
}

// Actor is an actor as a member.
func Actor(typ, id, name string) Members {
	if id == "" {
		id = typ
	}
	out := Members{"type": typ, "id": id}
	if name != "" {
		out["name"] = name
	}
	return out
}

// OneOf says in constant time whether a secret is one of those that the tenant knows. An
// empty one is none.
func OneOf(secret string, known ...string) bool {
	ok := 0
	given := sha256.Sum256([]byte(secret))
	for _, k := range known {
		want := sha256.Sum256([]byte(k))
		if k != "" {
			ok |= subtle.ConstantTimeCompare(given[:], want[:])
		}
	}
	return secret != "" && ok == 1
}

// InURL says whether the address that was called has the webhook's token, as the query
// parameter token: for vendors that authenticate in no other way.
func InURL(w *tenant.Webhook, d *Delivery) bool {
	return OneOf(d.Query.Get("token"), w.Token, w.NextToken)
}
