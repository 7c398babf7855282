// Package standard takes in our own events in Standard Webhooks: whoever sends webhooks
// from a product of their own signs them so. In: a delivery signed by HMAC with its time.
// Out: the events in it, as they are. It knows nothing else.
//
// https://github.com/standard-webhooks/standard-webhooks has the specification.
package standard

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Tolerance is how far the time of a delivery may be from its arrival.
const Tolerance = 5 * time.Minute

// Provider is any product that signs so.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.Standard }

// Hello knows no requests that only set up.
func (Provider) Hello(*tenant.Webhook, *webhook.Delivery) *webhook.Reply { return nil }

// Reply says that it was taken.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "application/json", Body: "{}"}
}

// Kept has which delivery this is, and when it was sent.
func (Provider) Kept() webhook.Kept {
	return webhook.Kept{Headers: []string{"Webhook-Id", "Webhook-Timestamp"}}
}

// Authentic checks webhook-signature: HMAC-SHA256 over id, time and body, in base64, one of
// several with a blank between them.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool {
	id, stamp := d.Header.Get("Webhook-Id"), d.Header.Get("Webhook-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil || d.Clock.Sub(time.Unix(at, 0)).Abs() > Tolerance {
		return false
	}
	ok := false
	for _, secret := range []string{w.Token, w.NextToken} {
		key, err := Key(secret)
		if err != nil {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(d.Body)
		want := mac.Sum(nil)
		for signature := range strings.FieldsSeq(d.Header.Get("Webhook-Signature")) {
			version, text, _ := strings.Cut(signature, ",")
			given, err := base64.StdEncoding.DecodeString(text)
			if version == "v1" && err == nil && hmac.Equal(given, want) {
				ok = true
			}
		}
	}
	return ok
}

// Key is the key within a secret: "whsec_" and base64.
func Key(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return nil, errors.New("it should be whsec_ followed by base64")
	}
	return key, nil
}

// Events are those in the body: one, or a list of them.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	list := []json.RawMessage{d.Body}
	if trimmed := bytes.TrimSpace(d.Body); len(trimmed) > 0 && trimmed[0] == '[' {
		list = nil
		if json.Unmarshal(trimmed, &list) != nil {
			return nil, errors.New("the body is no list of events")
		}
	}
	t := webhook.New("", "events", d)
	for _, raw := range list {
		e, _, refused := event.Parse(raw, d.Arrived)
		if refused != nil {
			t.Refused = append(t.Refused, *refused)
			continue
		}
		t.Events = append(t.Events, e)
	}
	return t, nil
}
