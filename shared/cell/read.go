package cell

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

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
	Cut []Quarter
	// Open asks for what has not ended.
	Open bool
	// Measures are those asked for; nil: all. It spares taking the others apart.
	Measures *Measures
}

// Measures is a set of measures.
type Measures [256]bool

func (m *Measures) has(id measure.ID) bool {
	return m == nil || int(id) < len(m) && m[id]
}

// Wanted is one range of blocks.
type Wanted struct {
	Class  Class
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
	Tail   []LogItem
	// Merged is the item up to which Detail and Lasting are complete.
	Merged uint64
	// At is when the newest item that was seen was committed, in Unix milliseconds;
	// 0: there is none, or it is not known.
	At     int64
	Detail map[Quarter][]Difference
	// Lasting are the contributions that last throughout units: of those that are cut, as
	// Detail is of quarters.
	Lasting []Lasting
	Open    []Difference
}

// Lasting are the contributions that last throughout a unit.
type Lasting struct {
	Unit
	Differences []Difference
}

// Block is one block as stored.
type Block struct {
	Wanted int // index into Request.Wanted
	// Class is the one wanted, or of Units one of the three, Number the block's.
	Class   Class
	Number  int64
	Value   string
	First   Quarter
	Version uint64
	raw     []byte
}

// parallel is how many queries run at once.
const parallel = 128

// Read reads. merged must have been read before; an older one is as right.
func Read(ctx context.Context, state table.Table, r Request, merged Merged) (*Reading, error) {
	out := &Reading{Merged: merged.Merged, Detail: map[Quarter][]Difference{}}
	var chunks []openChunk
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	g.Go(func() (err error) {
		out.Tail, err = tail(gctx, state, r.Tenant, merged.Merged, r.Measures)
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
	if within, some := openRange(r.Tenant, r.Measures); r.Open && some {
		g.Go(func() (err error) {
			chunks, err = readOpen(gctx, state, r.Tenant, within, r.Measures)
			return err
		})
	}
	details, days := detailRanges(r.Tenant, r.Cut), dayRanges(r.Cut, merged)
	parts := make([]map[Quarter][]Difference, len(details))
	whole := make([][]Difference, len(days))
	for i, d := range days {
		g.Go(func() (err error) {
			whole[i], err = d.read(gctx, state, r.Tenant, merged.Merged, r.Measures)
			return err
		})
	}
	if merged.hasUnits(r.cutTime()) {
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
		if c.err != nil {
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
		more, err := tail(ctx, state, r.Tenant, end, r.Measures)
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
	for scale := int8(1); scale <= scales; scale++ {
		length := unitQuarters[scale] * QuarterMillis
		first := unitDetailKey(r.Tenant, Unit{scale, floorDiv(from, length)}, 0)
		last := unitDetailKey(r.Tenant, Unit{scale, floorDiv(to-1, length)}, merged)
		limit := last.Sort[len(last.Sort)-16:]
		for item, err := range state.Query(ctx, table.Range{Part: first.Part, From: first.Sort, To: last.Sort + "~"}) {
			if err != nil {
				return nil, err
			}
			u, ok := unitOfDetail(item.Sort)
			if !ok {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, errCorrupt)
			}
			if item.Sort[len(item.Sort)-16:] > limit {
				continue
			}
			diffs, err := decodeSome(item.Value, r.Measures)
			if err != nil {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
			}
			out = append(out, Lasting{u, diffs})
		}
	}
	return out, nil
}

// Each calls f for every number of the columns wanted. quarter is absolute; sub
// is the whole second of a histogram, the millisecond of a step or AtStart.
func (b *Block) Each(want func(measure.ID) bool, f func(c Column, q Quarter, sub int64, key string, n int64)) error {
	return eachCell(b.raw, func(c Column) bool { return want(c.Measure()) }, func(c Column, quarter int16, sub int64, key string, n int64) {
		f(c, b.First+Quarter(quarter), sub, key, n)
	})
}

// EachUnit calls f for every number of the measures wanted in a block of Units: how much
// there is throughout a unit.
func (b *Block) EachUnit(want func(measure.ID) bool, f func(id measure.ID, u Unit, n int64)) error {
	return eachCell(b.raw, func(c Column) bool { return want(c.Measure()) }, func(c Column, cell int16, _ int64, _ string, n int64) {
		f(c.Measure(), b.Class.unitIn(b.Number, cell), n)
	})
}

// AtStart is the sub-key of a step function's value when a quarter began.
const AtStart = atStart

// Number is the block of a class that a quarter lies in.
func (c Class) Number(q Quarter) int64 { return c.block(q) }

// detailRange is a run of cut quarters of one day.
type detailRange struct {
	part        string
	first, last Quarter
	want        map[Quarter]bool
}

func detailRanges(tenant string, cut []Quarter) []detailRange {
	var out []detailRange
	for _, q := range cut {
		part := detailKey(tenant, detailSlot{q: q}, 0).Part
		if n := len(out); n > 0 && out[n-1].part == part && q-out[n-1].last <= 2 {
			out[n-1].last = q
			out[n-1].want[q] = true
			continue
		}
		out = append(out, detailRange{part: part, first: q, last: q, want: map[Quarter]bool{q: true}})
	}
	return out
}

func (d *detailRange) read(ctx context.Context, state table.Table, merged uint64, want *Measures) (map[Quarter][]Difference, error) {
	_, low := detailPlace(d.first)
	_, high := detailPlace(d.last)
	limit := detailKey("", detailSlot{q: d.first}, merged).Sort[len(low):]
	day := d.first - Quarter(slotNumber(low))
	out := map[Quarter][]Difference{}
	for item, err := range state.Query(ctx, table.Range{Part: d.part, From: low, To: high + "~"}) {
		if err != nil {
			return nil, err
		}
		q := day + Quarter(slotNumber(item.Sort[:2]))
		if !d.want[q] || item.Sort[2:] > limit {
			continue
		}
		diffs, err := decodeSome(item.Value, want)
		if err != nil {
			return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
		}
		out[q] = append(out[q], diffs...)
	}
	return out, nil
}

func slotNumber(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// CutBy lists, in order, the quarters that any of the moments cuts.
func CutBy(moments ...int64) []Quarter {
	var out []Quarter
	for _, ms := range moments {
		if q := QuarterOf(ms); q.Start() != ms {
			out = append(out, q)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
