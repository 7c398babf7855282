// Package directory lists the entities a tenant has announced (agents,
// departments, campaigns, …) with what their .updated events say of them. In: a
// tenant and kinds. Out: entries by id. It knows no measures and no reports.
package directory

import (
	"context"
	"fmt"

	"chatreports/shared/fact"
	"chatreports/shared/table"
)

// Key is where the entry of one entity lies.
func Key(tenant, kind, id string) table.Key {
	return table.Key{Part: part(tenant, kind), Sort: table.Join(id)}
}

func part(tenant, kind string) string { return table.Join(tenant, "dir", kind) }

// Read returns the entries of one kind by id.
func Read(ctx context.Context, state table.Table, tenant, kind string) (map[string]*fact.Entry, error) {
	out := map[string]*fact.Entry{}
	for item, err := range state.Query(ctx, table.Range{Part: part(tenant, kind)}) {
		if err != nil {
			return nil, fmt.Errorf("listing every %s of %q: %w", kind, tenant, err)
		}
		f, err := fact.Decode(item.Value)
		if err != nil || f.Entry == nil {
			return nil, fmt.Errorf("directory entry %q %q cannot be read: %w", item.Part, item.Sort, err)
		}
		out[table.Split(item.Sort)[0]] = f.Entry
	}
	return out, nil
}
