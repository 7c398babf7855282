package counter

import (
	"context"
	"fmt"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Beside the first item of a tenant's log stands of which generation all facts are at least.
// So a reader knows whether a measure has all there is to count.

func generationKey(tenant string) table.Key {
	return table.Key{Part: table.Join(tenant, "generation"), Sort: "-"}
}

// Begin are the operations that note, with the first item of a log, of which generation the
// facts are that will follow, and which version of the measures counts them.
func Begin(tenant string, generation uint8, by *measure.Version) ([]table.Op, error) {
	m := cell.Merged{Catalogue: by.Number, Version: 1}
	mark, err := m.Item(tenant)
	return []table.Op{
		{Item: table.Item{Key: generationKey(tenant), Value: []byte{generation}, Version: 1}},
		{Item: mark, If: table.Absent},
	}, err
}

// Generation is of which generation all facts of a tenant are at least: the newest, if there
// are none.
func Generation(ctx context.Context, state table.Table, tenant string, newest uint8) (uint8, error) {
	items, err := state.Get(ctx, generationKey(tenant), logsKey(tenant))
	if err != nil {
		return 0, fmt.Errorf("reading of which generation the facts of %q are: %w", tenant, err)
	}
	noted, log := items[0], items[1]
	switch {
	case noted.Version == 0 && log.Version == 0:
		return newest, nil
	case noted.Version == 0: // it began before this was noted
		return 0, nil
	case len(noted.Value) != 1:
		return 0, fmt.Errorf("%q %q: %w", noted.Part, noted.Sort, cell.ErrDamaged)
	}
	return noted.Value[0], nil
}

// SetGeneration notes that all facts of a tenant are of a generation at least.
func SetGeneration(ctx context.Context, state table.Table, tenant string, generation uint8) error {
	items, err := state.Get(ctx, generationKey(tenant))
	if err != nil || string(items[0].Value) == string([]byte{generation}) {
		return err
	}
	op := table.Op{Item: table.Item{Key: generationKey(tenant), Value: []byte{generation}, Version: items[0].Version + 1}, If: table.Unchanged(items[0])}
	if err := state.Write(ctx, op); err != nil {
		return fmt.Errorf("noting of which generation the facts of %q are: %w", tenant, err)
	}
	return nil
}

// Earlier lists the tenants of which some facts may be of an earlier generation.
func Earlier(ctx context.Context, state table.Table, newest uint8) (tenants []string, err error) {
	for item, err := range state.Query(ctx, table.Range{Part: logsKey("").Part}) {
		if err != nil {
			return nil, fmt.Errorf("listing logs: %w", err)
		}
		tenant := table.Split(item.Sort)[0]
		root, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			return nil, err
		}
		generation, err := Generation(ctx, Space(state, tenant, root.Serves()), tenant, newest)
		if err != nil {
			return nil, err
		}
		if generation < newest {
			tenants = append(tenants, tenant)
		}
	}
	return tenants, nil
}
