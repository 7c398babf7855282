package counter

import (
	"context"
	"fmt"
	"iter"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// EachDetail yields, of some measures that count at moments, the differences of some
// quarters as far as the log is merged, one record's after another's: what takes little
// memory however many there are. What lasts is not among them.
func EachDetail(ctx context.Context, state table.Table, tenant string, merged cell.Merged, in cell.Quarters, want *cell.Measures, f func(*cell.Difference) error) error {
	for in.From < in.To {
		day, low := cell.DetailPlace(in.From)
		end := min(in.To, in.From+cell.QuartersOfDay-cell.Quarter(slotNumber(low)))
		_, high := cell.DetailPlace(end - 1)
		limit := cell.Slot{Quarter: in.From}.Key(tenant, merged.Merged).Sort[len(low):]
		for item, err := range state.Query(ctx, table.Range{Part: table.Join(tenant, "detail", day), From: low, To: high + "~"}) {
			if err != nil {
				return fmt.Errorf("reading the detail of %s: %w", day, err)
			}
			if item.Sort[len(low):] > limit {
				continue
			}
			diffs, err := cell.DecodeDifferences(item.Value, want)
			if err != nil {
				return fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
			}
			for i := range diffs {
				if err := f(&diffs[i]); err != nil {
					return err
				}
			}
		}
		in.From = end
	}
	return nil
}

// KeyBlocks yields the blocks of keys that values of a series have in a month, the newest
// of each value first. Without a value those of all; a limit bounds how many.
func KeyBlocks(ctx context.Context, state table.Table, tenant string, id measure.ID, s measure.Series, value string, month cell.Quarters, limit int) iter.Seq2[cell.Block, error] {
	return func(yield func(cell.Block, error) bool) {
		class := cell.Keys.Of(id, s)
		r := table.Range{Part: cell.BlockPart(tenant, class, s, class.Number(month.From))}
		if value != "" {
			r = table.Prefix(r.Part, value+"/")
		}
		r.Reverse, r.Limit = true, limit
		for item, err := range state.Query(ctx, r) {
			if err != nil {
				yield(cell.Block{}, fmt.Errorf("reading what is kept of %q: %w", value, err))
				return
			}
			p, ok, err := cell.PlaceOf(item.Key)
			if err != nil || !ok {
				yield(cell.Block{}, fmt.Errorf("block %q %q: %w", item.Part, item.Sort, cell.ErrDamaged))
				return
			}
			if !yield(cell.NewBlock(p.Block, item), nil) {
				return
			}
		}
	}
}
