package counter

import (
	"context"
	"errors"
	"fmt"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// ReadMerged reads how far a tenant's log is merged.
func ReadMerged(ctx context.Context, state table.Table, tenant string) (cell.Merged, error) {
	items, err := state.Get(ctx, cell.MergeKey(tenant))
	if err != nil {
		return cell.Merged{}, fmt.Errorf("reading how far %q is merged: %w", tenant, err)
	}
	return cell.DecodeMerged(items[0])
}

// PutMerged writes m on condition that nobody has since it was read; again means that somebody else moved it.
func PutMerged(ctx context.Context, state table.Table, tenant string, m *cell.Merged) (again bool, err error) {
	next := *m
	next.Version++
	item, err := next.Item(tenant)
	if err != nil {
		return false, err
	}
	var conflict *table.ConflictError
	switch err := state.Write(ctx, table.Op{Item: item, If: table.VersionIs(m.Version)}); {
	case errors.As(err, &conflict):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("noting how far %q is merged: %w", tenant, err)
	}
	*m = next
	return false, nil
}
