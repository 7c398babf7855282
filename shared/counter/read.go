package counter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Request says what a reader needs of one tenant.
type Request struct {
	Tenant   string
	From, To int64 // Unix milliseconds, half-open
	// Wanted are the blocks: a class, a series and a prefix of its values.
	Wanted []Wanted
	// Cut are the quarters to be answered from their contributions.
	Cut []cell.Quarter
	// Open asks for what has not ended. SkipDamaged leaves out what of that cannot be
	// read, where it would else be an error.
	Open, SkipDamaged bool
	// Measures are those asked for; nil: all. It spares taking the others apart.
	Measures *cell.Measures
}

// Wanted is one range of blocks.
type Wanted struct {
	Class  cell.Class
	Series measure.Series
	Prefix string
	// Low and High narrow the values, unless empty: those from Low on and before
	// High. What is divided so is read at the same time.
	Low, High string
}

// Reading is all that is known at one moment. The value of anything is: the
// blocks, plus the tail's items with a number above the block's version, plus
// what is open.
type Reading struct {
	Blocks []Block
	Tail   []cell.LogItem
	// Merged is the item up to which Detail and Lasting are complete.
	Merged uint64
	// At is when the newest item that was seen was committed, in Unix milliseconds;
	// 0: there is none, or it is not known.
	At     int64
	Detail map[cell.Quarter][]cell.Difference
	// Lasting are the contributions that last throughout units: of those that are cut, as
	// Detail is of quarters.
	Lasting []Lasting
	Open    []cell.Difference
}

// Block is one block that was wanted.
type Block struct {
	cell.Block
	Wanted int // index into Request.Wanted
}

// Lasting are the contributions that last throughout a unit.
type Lasting struct {
	cell.Unit
	Differences []cell.Difference
}

// parallel is how many queries run at once.
const parallel = 128

// Read reads. merged must have been read before; an older one is as right.
func Read(ctx context.Context, state table.Table, r Request, merged cell.Merged) (*Reading, error) {
	out := &Reading{Merged: merged.Merged, Detail: map[cell.Quarter][]cell.Difference{}}
	var chunks []openChunk
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	g.Go(func() (err error) {
		out.Tail, err = Tail(gctx, state, r.Tenant, merged.Merged, r.Measures)
		return err
	})
	ranges := r.ranges(&merged)
	found := make([][]Block, len(ranges))
	for i, b := range ranges {
		g.Go(func() (err error) {
			found[i], err = b.read(gctx, state)
			return err
		})
	}
	if within, some := cell.ChunkRange(r.Tenant, r.Measures); r.Open && some {
		g.Go(func() (err error) {
			chunks, err = readOpen(gctx, state, r.Tenant, within, r.Measures)
			return err
		})
	}
	details, days := detailRanges(r.Tenant, r.Cut), dayRanges(r.Cut, merged)
	parts := make([]map[cell.Quarter][]cell.Difference, len(details))
	whole := make([][]cell.Difference, len(days))
	for i, d := range days {
		g.Go(func() (err error) {
			whole[i], err = d.read(gctx, state, r.Tenant, merged.Merged, r.Measures)
			return err
		})
	}
	if merged.HasUnits(r.cutTime()) {
		g.Go(func() (err error) {
			out.Lasting, err = r.lasting(gctx, state, merged.Merged)
			return err
		})
	}
	for i, d := range details {
		g.Go(func() (err error) {
			parts[i], err = d.read(gctx, state, merged.Merged, r.Measures)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("reading counters of %q: %w", r.Tenant, err)
	}
	newest := merged.Merged
	for _, f := range found {
		out.Blocks = append(out.Blocks, f...)
		for _, b := range f {
			newest = max(newest, b.Version)
		}
	}
	for _, c := range chunks {
		if c.err != nil && !r.SkipDamaged {
			return nil, fmt.Errorf("reading counters of %q: %w", r.Tenant, c.err)
		}
		newest = max(newest, c.item.Version)
	}
	for _, p := range parts {
		maps.Copy(out.Detail, p)
	}
	for i, d := range days {
		for _, q := range d.want {
			out.Detail[q] = append(out.Detail[q], whole[i]...)
		}
	}
	// A block newer than the tail that was read: read on, so that all is seen as
	// of one moment.
	for end := merged.Merged + uint64(len(out.Tail)); newest > end; end = merged.Merged + uint64(len(out.Tail)) {
		more, err := Tail(ctx, state, r.Tenant, end, r.Measures)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			return nil, fmt.Errorf("the log of %q ends at %d, but a block stands at %d", r.Tenant, end, newest)
		}
		out.Tail = append(out.Tail, more...)
	}
	out.At = merged.At
	if n := len(out.Tail); n > 0 {
		out.At = out.Tail[n-1].At
	}
	if r.Open {
		out.Open = openNow(chunks, out.Tail)
	}
	return out, nil
}

// Blocks reads the blocks of a request, and nothing else.
func Blocks(ctx context.Context, state table.Table, r Request, merged cell.Merged) ([]Block, error) {
	ranges := r.ranges(&merged)
	found := make([][]Block, len(ranges))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, b := range ranges {
		g.Go(func() (err error) {
			found[i], err = b.read(gctx, state)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// cutTime is from the first quarter that is cut to the end of the last.
func (r *Request) cutTime() (from, to int64) {
	if len(r.Cut) == 0 {
		return 0, 0
	}
	return r.Cut[0].Start(), (r.Cut[len(r.Cut)-1] + 1).Start()
}

// lasting reads the contributions that last throughout units in the time that is cut.
func (r *Request) lasting(ctx context.Context, state table.Table, merged uint64) (out []Lasting, err error) {
	from, to := r.cutTime()
	for scale := 1; scale <= cell.Scales; scale++ {
		first := cell.UnitOf(scale, cell.QuarterOf(from)).DetailKey(r.Tenant, 0)
		last := cell.UnitOf(scale, cell.QuarterOf(to-1)).DetailKey(r.Tenant, merged)
		limit := last.Sort[len(last.Sort)-16:]
		for item, err := range state.Query(ctx, table.Range{Part: first.Part, From: first.Sort, To: last.Sort + "~"}) {
			if err != nil {
				return nil, err
			}
			u, ok := cell.UnitOfDetail(item.Sort)
			if !ok {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, cell.ErrDamaged)
			}
			if item.Sort[len(item.Sort)-16:] > limit {
				continue
			}
			diffs, err := cell.DecodeDifferences(item.Value, r.Measures)
			if err != nil {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
			}
			out = append(out, Lasting{u, diffs})
		}
	}
	return out, nil
}

// CutBy lists, in order, the quarters that any of the moments cuts.
func CutBy(moments ...int64) []cell.Quarter {
	var out []cell.Quarter
	for _, ms := range moments {
		if q := cell.QuarterOf(ms); q.Start() != ms {
			out = append(out, q)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
