// Package payload keeps what vendors' webhooks delivered, so that a better mapping can be
// given all of it again. In: a delivery of a tenant. Out: an object of the object store a
// delivery, found again by tenant, day and webhook. It knows no vendor and no event, has no
// clock, and sees no secret: whoever keeps a delivery has taken them out.
//
// An object is one delivery, and not many: what was acknowledged has to be there, and a
// function that may end at any moment has nowhere to collect. That costs a PUT each.
package payload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/stored"
)

// Payload is one delivery.
type Payload struct {
	Tenant, Webhook string
	// Provider is the vendor that the webhook was of then.
	Provider string
	// Arrived is when it came, to the millisecond: the time of what the vendor gives none.
	Arrived time.Time
	// Header are the headers that a mapping may use.
	Header []Field
	// Body is as it came, but for what is secret in it.
	Body []byte
}

// Field is one header.
type Field struct {
	_     struct{} `cbor:",toarray"`
	Name  string
	Value string
}

// ErrDamaged says that what is kept of a delivery cannot be read.
var ErrDamaged = errors.New("payload: it is damaged")

// record is a payload as it is stored; the rest stands in its key.
type record struct {
	Provider string  `cbor:"1,keyasint,omitempty"`
	Arrived  int64   `cbor:"2,keyasint,omitempty"` // Unix ms
	Header   []Field `cbor:"3,keyasint,omitempty"`
	Body     []byte  `cbor:"4,keyasint,omitempty"`
}

// Class is what the keys begin with of all payloads that are kept for so many days: by it
// they are deleted.
func Class(days int) string { return fmt.Sprintf("payloads/%dd/", days) }

// clock begins the name of an object: by name is by time.
const clock = "150405.000"

// Keep stores a delivery for so many days. The same body in the same millisecond is the same
// delivery.
func Keep(ctx context.Context, s object.Store, days int, p *Payload) error {
	raw, err := stored.MarshalCompact(record{Provider: p.Provider, Arrived: p.Arrived.UnixMilli(), Header: p.Header, Body: p.Body})
	if err == nil {
		sum := sha256.Sum256(p.Body)
		at := p.Arrived.UTC()
		key := Class(days) + within(p.Tenant, p.Webhook, at) + at.Format(clock) + "-" + hex.EncodeToString(sum[:8])
		err = object.Put(ctx, s, key, func(w io.Writer) error { _, err := w.Write(raw); return err })
	}
	if err != nil {
		return fmt.Errorf("keeping what webhook %q delivered: %w", p.Webhook, err)
	}
	return nil
}

// within is where the payloads of a UTC day lie within a class: those of all webhooks, if
// none is named.
func within(tenant, webhook string, day time.Time) string {
	folder := tenant + "/" + day.Format(time.DateOnly) + "/"
	if webhook != "" {
		folder += webhook + "/"
	}
	return folder
}

// Read reads what is kept. The error is ErrDamaged if that is no delivery, and
// object.ErrNone if it is there no longer.
func Read(ctx context.Context, s object.Store, e *Entry) (*Payload, error) {
	r, err := s.Open(ctx, e.Key)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", e.Key, err)
	}
	raw, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("reading %s: %w", e.Key, err)
	}
	var rec record
	if err := stored.Unmarshal(raw, &rec); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, e.Key, err)
	}
	return &Payload{
		Tenant: e.Tenant, Webhook: e.Webhook, Provider: rec.Provider, Arrived: time.UnixMilli(rec.Arrived).UTC(),
		Header: rec.Header, Body: rec.Body,
	}, nil
}
