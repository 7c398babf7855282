package counter

import (
	"context"
	"fmt"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// Beyond is what of a log no block holds yet.
type Beyond struct {
	// Merged is the number of the last item that is merged, Last that of the last there is.
	Merged, Last uint64
	// Bytes are those of the items between, of bundled ones as they are bundled; Since is when
	// the first was committed, in Unix milliseconds, 0 if there is none.
	Bytes int
	Since int64
	// Held are the bytes of documents that are held back.
	Held int
}

// LookBeyond measures what of a tenant's log no block holds yet.
func LookBeyond(ctx context.Context, state table.Table, tenant string) (b Beyond, err error) {
	m, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return b, err
	}
	b = Beyond{Merged: m.Merged, Last: m.Bundled(), Bytes: m.BundledBytes(), Held: m.HeldBytes()}
	if len(m.Bundles) > 0 {
		b.Since = m.Bundles[0].Since
	}
	for l, err := range heads(ctx, state, tenant, b.Last) {
		if err != nil {
			return b, err
		}
		if b.Since == 0 {
			b.Since = l.At
		}
		b.Last, b.Bytes = l.Seq, b.Bytes+l.Bytes
	}
	return b, nil
}

// Changed says when an item of the log was committed, in Unix milliseconds, and which facts it
// changes; 0: it is no longer there.
func Changed(ctx context.Context, state table.Table, tenant string, seq uint64) (at int64, changed []string, err error) {
	items, err := state.Get(ctx, cell.LogKey(tenant, seq))
	if err != nil {
		return 0, nil, fmt.Errorf("reading item %d of the log of %q: %w", seq, tenant, err)
	}
	if items[0].Version == 0 {
		return 0, nil, nil
	}
	l, err := cell.DecodeLog(items[0], nil)
	if err != nil {
		return 0, nil, err
	}
	for i := range l.Diffs {
		if !slices.Contains(changed, l.Diffs[i].Fact) {
			changed = append(changed, l.Diffs[i].Fact)
		}
	}
	return l.At, changed, nil
}
