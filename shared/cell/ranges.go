package cell

import (
	"context"
	"fmt"
	gostrings "strings"

	"chatreports/shared/table"
)

// mostBlocks is how many blocks of one value are read in one query: a query gives a
// megabyte at a time, one after the other.
const mostBlocks = 200

// blockRange is one month, or a part of it, of one wanted range.
type blockRange struct {
	wanted   int
	w        Wanted
	part     string
	from, to int64 // blocks
}

// ranges splits what is wanted into one query a month, for the months that have any block.
func (r *Request) ranges(merged *Merged) []blockRange {
	var out []blockRange
	for i, w := range r.Wanted {
		from, to := r.From, r.To
		if from >= to {
			continue
		}
		if w.Class == Units {
			if merged.hasUnits(from, to) {
				out = append(out, r.unitRanges(i, w, from, to)...)
			}
			continue
		}
		for _, within := range merged.Within(QuarterOf(from), QuarterOf(to-1)+1) {
			out = append(out, r.monthly(i, w, w.Class.block(within.From), w.Class.block(within.To-1))...)
		}
	}
	return out
}

// unitRanges are those of each scale.
func (r *Request) unitRanges(i int, w Wanted, from, to int64) []blockRange {
	var out []blockRange
	for c := Units; c <= units3; c++ {
		w.Class = c
		part := blockPart(r.Tenant, c, w.Series, always)
		out = append(out, blockRange{wanted: i, w: w, part: part, from: c.block(QuarterOf(from)), to: c.block(QuarterOf(to - 1))})
	}
	return out
}

// monthly splits a range of blocks.
func (r *Request) monthly(i int, w Wanted, first, last int64) []blockRange {
	var out []blockRange
	for b := first; b <= last; {
		month, _ := w.Class.place(b)
		end := last
		if month != always { // the last block of the month, or of as many as are well read at once
			end = min(end, w.Class.block(monthStart(monthOf(w.Class.first(b))+1)-1))
		}
		if w.inOnePlace() {
			end = min(end, b+mostBlocks-1)
		}
		out = append(out, blockRange{wanted: i, w: w, part: blockPart(r.Tenant, w.Class, w.Series, month), from: b, to: end})
		b = end + 1
	}
	return out
}

// inOnePlace says whether the blocks of a time lie together: those of one value do.
func (w *Wanted) inOnePlace() bool {
	return classes[w.Class].byTime || w.Prefix != "" && w.Prefix[len(w.Prefix)-1] == '/' && w.Series.Depth() == depth(w.Prefix)
}

func (b *blockRange) read(ctx context.Context, state table.Table) ([]Block, error) {
	rng := table.Prefix(b.part, b.w.Prefix)
	_, low := b.w.Class.place(b.from)
	_, high := b.w.Class.place(b.to)
	if classes[b.w.Class].byTime {
		rng = table.Range{Part: b.part, From: low, To: high + "~"}
	} else if b.w.inOnePlace() {
		rng = table.Range{Part: b.part, From: b.w.Prefix + low, To: b.w.Prefix + high + "~"}
	}
	if b.w.Low != "" {
		rng.From = b.w.Low
	}
	if b.w.High != "" {
		rng.To = b.w.High
	}
	slots := make(map[string]int64, b.to-b.from+1)
	for n := b.from; n <= b.to; n++ {
		_, slot := b.w.Class.place(n)
		slots[slot] = n
	}
	var out []Block
	for item, err := range state.Query(ctx, rng) {
		if err != nil {
			return nil, err
		}
		value, slot := b.w.Class.split(item.Sort)
		if slot < low || slot > high || !gostrings.HasPrefix(value+"/", b.w.Prefix) {
			continue
		}
		number, ok := slots[slot]
		if !ok {
			return nil, fmt.Errorf("block %q %q: %w", item.Part, item.Sort, errCorrupt)
		}
		out = append(out, Block{
			Wanted: b.wanted, Class: b.w.Class, Number: number, Value: value, First: b.w.Class.first(number), Version: item.Version, raw: item.Value,
		})
	}
	return out, nil
}

func depth(prefix string) (n int) {
	for i := range len(prefix) {
		if prefix[i] == '/' {
			n++
		}
	}
	return n
}
