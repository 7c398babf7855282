package counter

import (
	"context"
	"fmt"
	gostrings "strings"
	"sync/atomic"

	"chatreports/shared/cell"
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
	// bytes are those read of all ranges, most is how many there may be; 0: any.
	bytes *atomic.Int64
	most  int64
}

// ranges splits what is wanted into one query a month, for the months that have any block.
func (r *Request) ranges(merged *cell.Merged) []blockRange {
	var out []blockRange
	for i, w := range r.Wanted {
		for _, in := range r.In {
			out = append(out, r.monthly(i, w, w.Class.Number(in.From), w.Class.Number(in.To-1))...)
		}
		from, to := r.From, r.To
		if from >= to {
			continue
		}
		if w.Class == cell.Units {
			if merged.HasUnits(from, to) {
				out = append(out, r.unitRanges(i, w, from, to)...)
			}
			continue
		}
		for _, within := range merged.Within(cell.QuarterOf(from), cell.QuarterOf(to-1)+1) {
			out = append(out, r.monthly(i, w, w.Class.Number(within.From), w.Class.Number(within.To-1))...)
		}
	}
	return out
}

// unitRanges are those of each scale.
func (r *Request) unitRanges(i int, w Wanted, from, to int64) []blockRange {
	var out []blockRange
	for scale := 1; scale <= cell.Scales; scale++ {
		first, last := cell.UnitOf(scale, cell.QuarterOf(from)), cell.UnitOf(scale, cell.QuarterOf(to-1))
		w.Class = first.Class()
		part := cell.BlockPart(r.Tenant, w.Class, w.Series, first.Block())
		out = append(out, blockRange{wanted: i, w: w, part: part, from: first.Block(), to: last.Block()})
	}
	return out
}

// monthly splits a range of blocks.
func (r *Request) monthly(i int, w Wanted, first, last int64) []blockRange {
	var out []blockRange
	for b := first; b <= last; {
		// As many as lie together, or are well read at once.
		end := min(last, w.Class.LastBeside(b))
		if w.inOnePlace() {
			end = min(end, b+mostBlocks-1)
		}
		out = append(out, blockRange{wanted: i, w: w, part: cell.BlockPart(r.Tenant, w.Class, w.Series, b), from: b, to: end})
		b = end + 1
	}
	return out
}

// inOnePlace says whether the blocks of a time lie together: those of one value do.
func (w *Wanted) inOnePlace() bool {
	return w.Class.ByTime() || w.Prefix != "" && w.Prefix[len(w.Prefix)-1] == '/' && w.Series.Depth() == depth(w.Prefix)
}

func (b *blockRange) read(ctx context.Context, state table.Table) ([]Block, error) {
	rng := table.Prefix(b.part, b.w.Prefix)
	low, high := b.w.Class.Slot(b.from), b.w.Class.Slot(b.to)
	if b.w.Class.ByTime() {
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
		slots[b.w.Class.Slot(n)] = n
	}
	var out []Block
	for item, err := range state.Query(ctx, rng) {
		if err != nil {
			return nil, err
		}
		value, slot := b.w.Class.Split(item.Sort)
		if slot < low || slot > high || !gostrings.HasPrefix(value+"/", b.w.Prefix) {
			continue
		}
		number, ok := slots[slot]
		if !ok {
			return nil, fmt.Errorf("block %q %q: %w", item.Part, item.Sort, cell.ErrDamaged)
		}
		if b.most > 0 && b.bytes.Add(int64(len(item.Value))) > b.most {
			return nil, ErrTooMuch
		}
		id := cell.BlockID{Class: b.w.Class, Series: b.w.Series, Value: value, Number: number}
		out = append(out, Block{Block: cell.NewBlock(id, item), Wanted: b.wanted})
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
