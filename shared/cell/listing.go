package cell

import (
	"context"
	"fmt"
	"iter"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// EachDetail yields, of some measures that count at moments, the differences of some
// quarters as far as the log is merged, one record's after another's: what takes little
// memory however many there are. What lasts is not among them.
func EachDetail(ctx context.Context, state table.Table, tenant string, merged Merged, in Quarters, want *Measures, f func(*Difference) error) error {
	for in.From < in.To {
		day, low := detailPlace(in.From)
		end := min(in.To, in.From+quartersOfDay-Quarter(slotNumber(low)))
		_, high := detailPlace(end - 1)
		limit := detailKey(tenant, detailSlot{q: in.From}, merged.Merged).Sort[len(low):]
		for item, err := range state.Query(ctx, table.Range{Part: table.Join(tenant, "detail", day), From: low, To: high + "~"}) {
			if err != nil {
				return fmt.Errorf("reading the detail of %s: %w", day, err)
			}
			if item.Sort[len(low):] > limit {
				continue
			}
			diffs, err := decodeSome(item.Value, want)
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

// EachMonth yields the months, the newest first, in which there may be anything that
// counts at moments: of a tenant of which that is not known, those of 1970 to 2100.
func (m *Merged) EachMonth() iter.Seq[Quarters] {
	return func(yield func(Quarters) bool) {
		ranges := m.Months
		if ranges == nil && (m.Merged > 0 || m.Intent > 0) {
			ranges = []int64{1970 * 12, 2100 * 12}
		}
		for i := len(ranges) - 2; i >= 0; i -= 2 {
			for n := ranges[i+1]; n >= ranges[i]; n-- {
				if !yield(Quarters{monthStart(n), monthStart(n + 1)}) {
					return
				}
			}
		}
	}
}

// KeyBlocks yields the blocks of keys that values of a series have in a month, the newest
// of each value first. Without a value those of all; a limit bounds how many.
func KeyBlocks(ctx context.Context, state table.Table, tenant string, id measure.ID, s measure.Series, value string, month Quarters, limit int) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		class := Keys.Of(id, s)
		name, _ := class.place(class.block(month.From))
		r := table.Range{Part: blockPart(tenant, class, s, name)}
		if value != "" {
			r = table.Prefix(r.Part, value+"/")
		}
		r.Reverse, r.Limit = true, limit
		for item, err := range state.Query(ctx, r) {
			if err != nil {
				yield(Block{}, fmt.Errorf("reading what is kept of %q: %w", value, err))
				return
			}
			p, ok, err := placeOf(item.Key)
			if err != nil || !ok {
				yield(Block{}, fmt.Errorf("block %q %q: %w", item.Part, item.Sort, errCorrupt))
				return
			}
			b := Block{Class: class, Number: p.block.block, Value: p.block.value, First: class.first(p.block.block), Version: item.Version, raw: item.Value}
			if !yield(b, nil) {
				return
			}
		}
	}
}
