package facts

import (
	"context"
	"fmt"

	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// EntryKey is where an entity's entry in the directory lies. Entries of one kind lie
// together, so that they can be listed.
func EntryKey(e journal.Entity) table.Key {
	return table.Key{Part: entriesPart(e.Tenant, e.Kind), Sort: table.Join(e.ID)}
}

func entriesPart(tenant, kind string) string { return table.Join(tenant, "dir", kind) }

// Entries returns by id what the .updated events of a tenant say of every entity of a
// kind: agent, department, campaign, ….
func Entries(ctx context.Context, state table.Table, tenant, kind string) (map[string]*fact.Entry, error) {
	out := map[string]*fact.Entry{}
	for item, err := range state.Query(ctx, table.Range{Part: entriesPart(tenant, kind)}) {
		if err != nil {
			return nil, fmt.Errorf("listing every %s of %q: %w", kind, tenant, err)
		}
		f, err := Decode(item)
		if err != nil {
			return nil, err
		}
		if f.Entry == nil {
			return nil, fmt.Errorf("the fact at %q %q is no entry of the directory", item.Part, item.Sort)
		}
		if f.Entry.Known { // else all that announced it was taken back
			out[table.Split(item.Sort)[0]] = f.Entry
		}
	}
	return out, nil
}
