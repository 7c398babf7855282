package tenant

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"

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
