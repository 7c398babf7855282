package tenant

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"chatreports/shared/table"
)

// MaxSecretBytes bounds what has to be hashed for a request.
const MaxSecretBytes = 1024

// Grant is what a secret gives access to.
type Grant struct {
	Tenant Tenant
	KeyID  string
	Scopes []string
}

// Lookup finds what a secret grants: one read for the key, one for its tenant. ok
// is false when no key has this secret, or not any more.
func Lookup(ctx context.Context, state table.Table, secret string) (grant Grant, ok bool, err error) {
	if secret == "" || len(secret) > MaxSecretBytes {
		return Grant{}, false, nil
	}
	hash := hashOf(secret)
	items, err := state.Get(ctx, keyKey(hash))
	if err != nil {
		return Grant{}, false, fmt.Errorf("looking up a key: %w", err)
	}
	if items[0].Version == 0 {
		return Grant{}, false, nil
	}
	var k storedKey
	if err := json.Unmarshal(items[0].Value, &k); err != nil {
		return Grant{}, false, fmt.Errorf("reading the record of a key: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(k.Hash), []byte(hash)) != 1 {
		return Grant{}, false, nil
	}
	t, ok, err := Get(ctx, state, k.Tenant)
	return Grant{Tenant: t, KeyID: k.ID, Scopes: k.Scopes}, ok, err
}

// Get reads one tenant.
func Get(ctx context.Context, state table.Table, id string) (Tenant, bool, error) {
	r, ok, err := read(ctx, state, id)
	return r.Tenant, ok, err
}

// Active is Get of a tenant that has a key: of one without, nothing may be served to
// anybody.
func Active(ctx context.Context, state table.Table, id string) (Tenant, bool, error) {
	r, ok, err := read(ctx, state, id)
	return r.Tenant, ok && len(r.Keys) > 0, err
}

func read(ctx context.Context, state table.Table, id string) (stored, bool, error) {
	items, err := state.Get(ctx, tenantKey(id))
	if err != nil {
		return stored{}, false, fmt.Errorf("reading tenant %q: %w", id, err)
	}
	if items[0].Version == 0 {
		return stored{}, false, nil
	}
	r, err := decode(items[0])
	return r, err == nil, err
}

// FindWebhook finds the tenant that a webhook is of, and what it is: two reads. ok is false
// when there is none of the id.
func FindWebhook(ctx context.Context, state table.Table, id string) (t Tenant, w Webhook, ok bool, err error) {
	items, err := state.Get(ctx, webhookKey(id))
	if err != nil {
		return Tenant{}, Webhook{}, false, fmt.Errorf("looking up a webhook: %w", err)
	}
	if items[0].Version == 0 {
		return Tenant{}, Webhook{}, false, nil
	}
	var of owner
	if err := json.Unmarshal(items[0].Value, &of); err != nil {
		return Tenant{}, Webhook{}, false, fmt.Errorf("reading whose a webhook is: %w", err)
	}
	if t, ok, err = Get(ctx, state, of.Tenant); !ok || err != nil {
		return Tenant{}, Webhook{}, false, err
	}
	w, ok = t.Webhook(id)
	return t, w, ok, nil
}

// CacheFor is how long Keys remembers a grant, and so the longest time that a
// revoked key, or old settings, may still be used.
const CacheFor = 30 * time.Second

// maxCached bounds the memory; beyond it the cache begins anew.
const maxCached = 1000

// Keys is Lookup with a short memory. Secrets that are unknown are not
// remembered, so a new key works at once.
type Keys struct {
	state table.Table
	now   func() time.Time

	mu     sync.Mutex
	grants map[string]remembered // by hash of the secret
}

type remembered struct {
	grant Grant
	until time.Time
}

// NewKeys looks keys up in the state table. now must not stand still.
func NewKeys(state table.Table, now func() time.Time) *Keys {
	return &Keys{state: state, now: now, grants: map[string]remembered{}}
}

// Lookup is the function Lookup, from memory where possible.
func (k *Keys) Lookup(ctx context.Context, secret string) (Grant, bool, error) {
	hash, now := hashOf(secret), k.now()
	k.mu.Lock()
	r, known := k.grants[hash]
	k.mu.Unlock()
	if known && now.Before(r.until) {
		return r.grant, true, nil
	}
	grant, ok, err := Lookup(ctx, k.state, secret)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err != nil:
	case !ok:
		delete(k.grants, hash)
	default:
		if len(k.grants) >= maxCached {
			clear(k.grants)
		}
		k.grants[hash] = remembered{grant, now.Add(CacheFor)}
	}
	return grant, ok, err
}
