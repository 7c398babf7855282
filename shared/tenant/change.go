package tenant

import (
	"context"
	"encoding/json"
	"slices"

	"chatreports/shared/table"
)

// Change is what Apply or Prune would do to one tenant. Keys are named by their ids.
type Change struct {
	Tenant string
	// New: it is not stored yet. Settings: they change.
	New, Settings bool
	// Added and Revoked are keys; Changed have another secret or other scopes.
	Added, Changed, Revoked []string
}

// None says that nothing would change.
func (c *Change) None() bool {
	return !c.New && !c.Settings && len(c.Added)+len(c.Changed)+len(c.Revoked) == 0
}

// Changes lists what Apply would do to each tenant of a file, in its order, and then what
// Prune would to each of the others. It changes nothing.
func Changes(ctx context.Context, state table.Table, file File) (applied, pruned []Change, err error) {
	records, err := all(ctx, state)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range file.Entries {
		i := slices.IndexFunc(records, func(r stored) bool { return r.Tenant.ID == e.Tenant.ID })
		if i < 0 {
			records = append(records, stored{})
			i = len(records) - 1
		}
		c, err := change(records[i], recordOf(e))
		if err != nil {
			return nil, nil, err
		}
		applied = append(applied, c)
	}
	for _, r := range records {
		if r.Tenant.ID == "" || file.names(r.Tenant.ID) {
			continue
		}
		c := Change{Tenant: r.Tenant.ID}
		for _, k := range r.Keys {
			c.Revoked = append(c.Revoked, k.ID)
		}
		pruned = append(pruned, c)
	}
	return applied, pruned, nil
}

func change(before, after stored) (Change, error) {
	was, err := json.Marshal(before.Tenant)
	if err != nil {
		return Change{}, err
	}
	is, err := json.Marshal(after.Tenant)
	c := Change{Tenant: after.Tenant.ID, New: before.Tenant.ID == ""}
	c.Settings = !c.New && string(was) != string(is)
	find := func(keys []storedKey, id string) *storedKey {
		if i := slices.IndexFunc(keys, func(k storedKey) bool { return k.ID == id }); i >= 0 {
			return &keys[i]
		}
		return nil
	}
	for _, k := range after.Keys {
		switch old := find(before.Keys, k.ID); {
		case old == nil:
			c.Added = append(c.Added, k.ID)
		case old.Hash != k.Hash || !slices.Equal(old.Scopes, k.Scopes):
			c.Changed = append(c.Changed, k.ID)
		}
	}
	for _, k := range before.Keys {
		if find(after.Keys, k.ID) == nil {
			c.Revoked = append(c.Revoked, k.ID)
		}
	}
	return c, err
}
