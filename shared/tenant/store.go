package tenant

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"chatreports/shared/table"
)

// stored is a tenant as the state table holds it: its settings, and which keys it
// has, so that those that vanish from the file can be found and revoked.
type stored struct {
	Tenant Tenant      `json:"tenant"`
	Keys   []storedKey `json:"keys,omitempty"`
}

type storedKey struct {
	Hash   string   `json:"hash"`
	Tenant string   `json:"tenant"`
	ID     string   `json:"id"`
	Scopes []string `json:"scopes"`
}

func tenantKey(id string) table.Key { return table.Key{Part: "tenants", Sort: table.Join(id)} }

func keyKey(hash string) table.Key { return table.Key{Part: table.Join("key", hash), Sort: "-"} }

// webhookKey is where it stands whose a webhook is.
func webhookKey(id string) table.Key { return table.Key{Part: table.Join("webhook", id), Sort: "-"} }

// owner is whose a webhook is.
type owner struct {
	Tenant string `json:"tenant"`
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Apply stores or updates the tenants that a file names, with their keys; a key that they
// had and that is not in it is revoked. Tenants that it does not name stay as they are.
// Applying the same file again changes nothing.
func Apply(ctx context.Context, state table.Table, file File) error {
	for _, e := range file.Entries {
		if err := Put(ctx, state, e); err != nil {
			return err
		}
	}
	return nil
}

// Prune revokes all keys of the tenants that a file does not name. Their data stays.
func Prune(ctx context.Context, state table.Table, file File) error {
	records, err := all(ctx, state)
	if err != nil {
		return err
	}
	for _, r := range records {
		if !file.names(r.Tenant.ID) {
			if err := Revoke(ctx, state, r.Tenant.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *File) names(id string) bool {
	return slices.ContainsFunc(f.Entries, func(e Entry) bool { return e.Tenant.ID == id })
}

// Put stores one tenant with its keys and revokes the keys it had before and now
// has not; other tenants stay as they are. It happens as a whole or not at all.
func Put(ctx context.Context, state table.Table, e Entry) error {
	return replace(ctx, state, recordOf(e))
}

// recordOf is what is stored of an entry.
func recordOf(e Entry) stored {
	r := stored{Tenant: e.Tenant}
	for _, k := range e.Keys {
		r.Keys = append(r.Keys, storedKey{Hash: hashOf(k.Secret), Tenant: e.Tenant.ID, ID: k.ID, Scopes: k.Scopes})
	}
	return r
}

// Revoke takes all keys and webhooks from a tenant. Its other settings and data stay.
func Revoke(ctx context.Context, state table.Table, id string) error {
	items, err := state.Get(ctx, tenantKey(id))
	if err != nil {
		return fmt.Errorf("reading tenant %q: %w", id, err)
	}
	if items[0].Version == 0 {
		return nil
	}
	r, err := decode(items[0])
	if err != nil || len(r.Keys)+len(r.Tenant.Webhooks) == 0 {
		return err
	}
	r.Keys, r.Tenant.Webhooks = nil, nil
	return replace(ctx, state, r)
}

// Held says how many keys and webhooks a tenant has.
func Held(ctx context.Context, state table.Table, id string) (keys, webhooks int, err error) {
	r, _, err := read(ctx, state, id)
	return len(r.Keys), len(r.Tenant.Webhooks), err
}

// Forget deletes the settings of a tenant whose keys and webhooks were revoked; of one that
// has some it refuses to.
func Forget(ctx context.Context, state table.Table, id string) error {
	items, err := state.Get(ctx, tenantKey(id))
	if err != nil {
		return fmt.Errorf("reading tenant %q: %w", id, err)
	}
	if items[0].Version == 0 {
		return nil
	}
	r, err := decode(items[0])
	if err != nil {
		return err
	}
	if len(r.Keys)+len(r.Tenant.Webhooks) > 0 {
		return fmt.Errorf("tenant %q has keys or webhooks again, and so its settings stay", id)
	}
	if err := state.Write(ctx, table.Op{Verb: table.Delete, Item: items[0], If: table.Unchanged(items[0])}); err != nil {
		return fmt.Errorf("deleting the settings of tenant %q: %w", id, err)
	}
	return nil
}

// replaceTries bounds how often a change made at the same moment is met again.
const replaceTries = 10

func replace(ctx context.Context, state table.Table, r stored) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for range replaceTries {
		var done bool
		if done, err = replaceOnce(ctx, state, r, raw); done || err != nil && !isConflict(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("storing tenant %q: %w", r.Tenant.ID, err)
	}
	return nil
}

func isConflict(err error) bool {
	var conflict *table.ConflictError
	return errors.As(err, &conflict)
}

func replaceOnce(ctx context.Context, state table.Table, r stored, raw []byte) (done bool, err error) {
	reads := []table.Key{tenantKey(r.Tenant.ID)}
	for _, w := range r.Tenant.Webhooks {
		reads = append(reads, webhookKey(w.ID))
	}
	items, err := state.Get(ctx, reads...)
	if err != nil {
		return false, err
	}
	old, complete := items[0], true
	for _, item := range items[1:] {
		complete = complete && item.Version > 0
	}
	if complete && old.Version > 0 && string(old.Value) == string(raw) {
		return true, nil
	}
	ops := []table.Op{{
		Item: table.Item{Key: old.Key, Value: raw, Version: old.Version + 1},
		If:   table.VersionIs(old.Version),
	}}
	for _, k := range r.Keys {
		record, err := json.Marshal(k)
		if err != nil {
			return false, err
		}
		ops = append(ops, table.Op{Item: table.Item{Key: keyKey(k.Hash), Value: record, Version: 1}})
	}
	for _, w := range r.Tenant.Webhooks {
		record, err := json.Marshal(owner{r.Tenant.ID})
		if err != nil {
			return false, err
		}
		ops = append(ops, table.Op{Item: table.Item{Key: webhookKey(w.ID), Value: record, Version: 1}})
	}
	if old.Version > 0 {
		before, err := decode(old)
		if err != nil {
			return false, err
		}
		gone, err := vanished(ctx, state, before, r)
		if err != nil {
			return false, err
		}
		ops = append(ops, gone...)
	}
	if len(ops) > table.MaxOps {
		return false, fmt.Errorf("%d keys and webhooks come and go at once; at most %d can: do it in two steps", len(ops)-1, table.MaxOps-1)
	}
	if err := state.Write(ctx, ops...); err != nil {
		return false, err
	}
	return true, nil
}

// vanished deletes the keys and webhooks that a tenant had and now has not, but for those
// that another tenant has by now.
func vanished(ctx context.Context, state table.Table, before, after stored) ([]table.Op, error) {
	var keys []table.Key
	for _, k := range before.Keys {
		if !slices.ContainsFunc(after.Keys, func(n storedKey) bool { return n.Hash == k.Hash }) {
			keys = append(keys, keyKey(k.Hash))
		}
	}
	for _, w := range before.Tenant.Webhooks {
		if _, has := after.Tenant.Webhook(w.ID); !has {
			keys = append(keys, webhookKey(w.ID))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var ops []table.Op
	for _, item := range items {
		var of owner // a key's record says it by the same name
		if json.Unmarshal(item.Value, &of) == nil && of.Tenant == before.Tenant.ID {
			ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}})
		}
	}
	return ops, nil
}

// All lists every tenant, in order of id.
func All(ctx context.Context, state table.Table) ([]Tenant, error) {
	records, err := all(ctx, state)
	if err != nil {
		return nil, err
	}
	tenants := make([]Tenant, len(records))
	for i := range records {
		tenants[i] = records[i].Tenant
	}
	return tenants, nil
}

func all(ctx context.Context, state table.Table) ([]stored, error) {
	var records []stored
	for item, err := range state.Query(ctx, table.Range{Part: "tenants"}) {
		if err != nil {
			return nil, fmt.Errorf("listing the tenants: %w", err)
		}
		r, err := decode(item)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

func decode(item table.Item) (stored, error) {
	var r stored
	if err := json.Unmarshal(item.Value, &r); err != nil {
		return r, fmt.Errorf("reading the record of tenant %q: %w", item.Sort, err)
	}
	return r, nil
}
