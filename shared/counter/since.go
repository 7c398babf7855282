package counter

import (
	"context"
	"fmt"
	"iter"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// Since yields the log after item number after, one item at a time, as Tail reads it. If
// the items after that number have expired, the first that it yields has a greater one.
func Since(ctx context.Context, state table.Table, tenant string, after uint64) iter.Seq2[cell.LogItem, error] {
	return func(yield func(cell.LogItem, error) bool) {
		from := cell.LogKey(tenant, after+1)
		last := uint64(0)
		for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
			if err != nil {
				yield(cell.LogItem{}, fmt.Errorf("reading the log of %q: %w", tenant, err))
				return
			}
			l, err := cell.DecodeLog(item, nil)
			if err == nil && last > 0 && l.Seq != last+1 {
				return
			}
			last = l.Seq
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}
