package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"chatreports/shared/table"
)

// CacheFor is how long what was looked up is remembered, and so the longest time that a
// revoked key, or old settings, may still be used.
const CacheFor = 30 * time.Second

// maxCached bounds the memory; beyond it the cache begins anew.
const maxCached = 1000

// memory remembers for a short time what was found. What was not found it does not, so what
// is new is known at once.
type memory[V any] struct {
	now func() time.Time

	mu    sync.Mutex
	found map[string]remembered[V]
}

type remembered[V any] struct {
	value V
	at    time.Time
}

func newMemory[V any](now func() time.Time) *memory[V] {
	return &memory[V]{now: now, found: map[string]remembered[V]{}}
}

// get gives what was found within some time, or finds it.
func (m *memory[V]) get(key string, within time.Duration, find func() (V, bool, error)) (V, bool, error) {
	now := m.now()
	m.mu.Lock()
	r, known := m.found[key]
	m.mu.Unlock()
	if known && now.Before(r.at.Add(within)) {
		return r.value, true, nil
	}
	value, ok, err := find()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
	case !ok:
		delete(m.found, key)
	default:
		if len(m.found) >= maxCached {
			clear(m.found)
		}
		m.found[key] = remembered[V]{value, now}
	}
	return value, ok, err
}

// Keys is Lookup with a short memory.
type Keys struct {
	state  table.Table
	memory *memory[Grant] // by hash of the secret
}

// NewKeys looks keys up in the state table. now must not stand still.
func NewKeys(state table.Table, now func() time.Time) *Keys {
	return &Keys{state, newMemory[Grant](now)}
}

// Lookup is the function Lookup, from memory where possible.
func (k *Keys) Lookup(ctx context.Context, secret string) (Grant, bool, error) {
	return k.memory.get(hashOf(secret), CacheFor, func() (Grant, bool, error) { return Lookup(ctx, k.state, secret) })
}

// Webhooks finds webhooks, with a short memory.
type Webhooks struct {
	state  table.Table
	memory *memory[Hook]
}

// Hook is a webhook and the tenant that it is of.
type Hook struct {
	Webhook
	Tenant Tenant
}

// NewWebhooks looks webhooks up in the state table. now must not stand still.
func NewWebhooks(state table.Table, now func() time.Time) *Webhooks {
	return &Webhooks{state, newMemory[Hook](now)}
}

// again is how old what is remembered may be for FindAgain.
const again = time.Second

// Find finds a webhook as it was at most CacheFor ago. ok is false if there is none of the id.
func (w *Webhooks) Find(ctx context.Context, id string) (h Hook, ok bool, err error) {
	return w.find(ctx, id, CacheFor)
}

// FindAgain finds a webhook as it was at most a second ago: for whoever shows a secret that
// is not the one remembered, and may be the next one.
func (w *Webhooks) FindAgain(ctx context.Context, id string) (h Hook, ok bool, err error) {
	return w.find(ctx, id, again)
}

func (w *Webhooks) find(ctx context.Context, id string, within time.Duration) (Hook, bool, error) {
	return w.memory.get(id, within, func() (Hook, bool, error) { return findWebhook(ctx, w.state, id) })
}

// findWebhook takes two reads: whose it is, and the tenant, whose settings it is among.
func findWebhook(ctx context.Context, state table.Table, id string) (Hook, bool, error) {
	items, err := state.Get(ctx, webhookKey(id))
	if err != nil {
		return Hook{}, false, fmt.Errorf("looking up a webhook: %w", err)
	}
	if items[0].Version == 0 {
		return Hook{}, false, nil
	}
	var of owner
	if err := json.Unmarshal(items[0].Value, &of); err != nil {
		return Hook{}, false, fmt.Errorf("reading whose a webhook is: %w", err)
	}
	t, ok, err := Get(ctx, state, of.Tenant)
	if !ok || err != nil {
		return Hook{}, false, err
	}
	w, ok := t.Webhook(id)
	return Hook{w, t}, ok, nil
}
