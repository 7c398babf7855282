package counter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Request is what a reader asks of one tenant's counters.
type Request struct {
	Tenant string
	// From and To are the time of the blocks: Unix milliseconds, half-open. Every block is
	// read that touches it, and read whole.
	From, To int64
	// In is the time of them, unless nil, instead of From and To.
	In []cell.Quarters
	// Most bounds the bytes of blocks, unless 0: beyond it reading ends with ErrTooMuch.
	Most   int64
	Wanted []Wanted
	// Cut are quarters of which the reader needs only a part, and blocks know nothing
	// smaller. Their contributions are read instead, with exact times.
	Cut []cell.Quarter
	// Open asks for what has not ended, which no block holds. If some of it cannot be read,
	// that is an error, or with SkipDamaged it is left out.
	Open, SkipDamaged bool
	// Measures are those asked for; nil: all. What is kept by contribution is then taken
	// apart for these only, which is most of the work.
	Measures *cell.Measures
}

// Wanted is a range of blocks: those of a class and a series whose value, with a '/' after
// it, begins with Prefix.
type Wanted struct {
	Class  cell.Class
	Series measure.Series
	Prefix string
	// Low and High narrow the values: from Low on and before High, each unless empty. A
	// reader that knows the values divides a large range into several, because these are
	// read beside one another.
	Low, High string
}

// Reading is what was read, all as of one moment: when the last item of Tail was
// committed, or Merged if there is none.
//
// It takes many queries, and a merge may move numbers from the log into blocks, one
// block after another, between any two of them. So every block says by its version up to
// which item of the log it holds what it holds, and what anything comes to is
//
//	what its blocks say, of each quarter that is not cut
//	+ what Detail and Lasting say, of each that is
//	+ what the items of Tail say: of a cut quarter all of them, else those after the block's version
//	+ Open
type Reading struct {
	Blocks []Block
	// Tail is the log after Merged. What is bundled is one item, with the number of its last:
	// no block stands at another one within it.
	Tail []cell.LogItem
	// Held is what is merged of documents and no block holds yet, if Measures names them: like
	// Tail, and before it.
	Held []cell.LogItem
	// Merged is the item of the log up to which Detail and Lasting are complete.
	Merged uint64
	// At is when the newest item that counts was committed, in Unix milliseconds; 0: there
	// is none, or it is not known.
	At int64
	// Detail are the contributions that stand in the quarters that are cut: what lasts
	// stands in each that it touches, and with all of its time.
	Detail map[cell.Quarter][]cell.Difference
	// Lasting are likewise those that last throughout a unit, and stand there and not in
	// its quarters.
	Lasting []Lasting
	// Open is what has not ended, that of Tail included.
	Open []cell.Difference
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

// ErrTooMuch says that blocks are larger than a request takes.
var ErrTooMuch = errors.New("counter: the blocks are larger than may be read at once")

// Read reads what is asked for. merged tells where there is anything and from where on the
// log is read; it must have been read before. If the log was merged further meanwhile, the
// answer is as right, and only longer.
func Read(ctx context.Context, state table.Table, r Request, merged cell.Merged) (*Reading, error) {
	out := &Reading{Merged: merged.Merged, Detail: map[cell.Quarter][]cell.Difference{}}
	ranges, details, days := r.ranges(&merged), detailRanges(r.Tenant, r.Cut), dayRanges(r.Cut, merged)
	blocks := make([][]Block, len(ranges))
	ofQuarters := make([]map[cell.Quarter][]cell.Difference, len(details))
	ofDays := make([][]cell.Difference, len(days))
	var chunks []openChunk

	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	g.Go(func() (err error) {
		out.Tail, err = beyond(gctx, state, r.Tenant, &merged, r.Measures)
		return err
	})
	if r.Measures != nil && r.Measures[measure.Documents] {
		g.Go(func() (err error) {
			out.Held, err = Held(gctx, state, r.Tenant, &merged)
			return err
		})
	}
	var bytes atomic.Int64
	for i, b := range ranges {
		b.most, b.bytes = r.Most, &bytes
		g.Go(func() (err error) {
			blocks[i], err = b.read(gctx, state)
			return err
		})
	}
	if within, some := cell.ChunkRange(r.Tenant, r.Measures); r.Open && some {
		g.Go(func() (err error) {
			chunks, err = readOpen(gctx, state, r.Tenant, within, r.Measures)
			return err
		})
	}
	for i, d := range days {
		g.Go(func() (err error) {
			ofDays[i], err = d.read(gctx, state, r.Tenant, merged.Merged, r.Measures)
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
			ofQuarters[i], err = d.read(gctx, state, merged.Merged, r.Measures)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("reading counters of %q: %w", r.Tenant, err)
	}

	out.Blocks = slices.Concat(blocks...)
	for _, d := range ofQuarters {
		maps.Copy(out.Detail, d)
	}
	for i, d := range days {
		for _, q := range d.want {
			out.Detail[q] = append(out.Detail[q], ofDays[i]...)
		}
	}
	newest := merged.Merged
	for i := range out.Blocks {
		newest = max(newest, out.Blocks[i].Version)
	}
	for _, c := range chunks {
		if c.err != nil && !r.SkipDamaged {
			return nil, fmt.Errorf("reading counters of %q: %w", r.Tenant, c.err)
		}
		newest = max(newest, c.item.Version)
	}
	if err := out.readOn(ctx, state, &r, newest); err != nil {
		return nil, err
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

// readOn reads the log on up to an item that some block or chunk holds already: it was
// committed and merged after the log had been read, and whatever it changed elsewhere
// would be missing.
func (out *Reading) readOn(ctx context.Context, state table.Table, r *Request, newest uint64) error {
	for end := last(out.Tail, out.Merged); end < newest; end = last(out.Tail, out.Merged) {
		more, err := Tail(ctx, state, r.Tenant, end, r.Measures)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			return fmt.Errorf("the log of %q ends at %d, but a block stands at %d", r.Tenant, end, newest)
		}
		out.Tail = append(out.Tail, more...)
	}
	return nil
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

// CutBy lists, in order, the quarters that any of the moments lies within: what begins or
// ends there takes a part of the quarter. A moment at which a quarter begins cuts none.
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
