package facts

import (
	"context"
	"fmt"
	"iter"
	"time"

	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// Hours yields the hours of a visitor that begin at or before a time and in which anything
// happened, the newest first.
func Hours(ctx context.Context, state table.Table, visitor journal.Entity, at int64) iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) {
		last := SegmentAt(visitor.Kind, at).Name + "~"
		for item, err := range state.Query(ctx, table.Range{Part: part(visitor), To: last, Reverse: true}) {
			if err != nil {
				yield(Segment{}, fmt.Errorf("listing the hours of visitor %q: %w", visitor.ID, err))
				return
			}
			hour, err := time.Parse(hourLayout, item.Sort)
			if err != nil {
				yield(Segment{}, fmt.Errorf("the fact at %q %q is not of an hour: %w", item.Part, item.Sort, err))
				return
			}
			if !yield(SegmentAt(visitor.Kind, hour.UnixMilli()), nil) {
				return
			}
		}
	}
}
