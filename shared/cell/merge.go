package cell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// When a log is merged, and how much at once.
const (
	// MergeBytes is how large the unmerged log may get: every report reads it.
	MergeBytes = 64 << 10
	// MergeAge is how old.
	MergeAge = 15 * time.Minute
	// minItems: few large items (a backfill) may grow beyond MergeBytes, to
	// maxBytes, before a merge pays.
	minItems = 8
	maxBytes = 512 << 10
	// stepBytes is how much one merge takes at most: all of it may be of one
	// quarter, whose detail must fit into one record.
	stepBytes = 256 << 10
)

// Merged says how far a tenant's log is merged.
type Merged struct {
	// Merged: items up to this number are in the blocks. Intent: a merge up to
	// this number has begun; whoever finds it greater than Merged completes it.
	Merged uint64 `cbor:"1,keyasint"`
	Intent uint64 `cbor:"2,keyasint"`
	// LongFrom and LongTo are the days within which detail knows of whole days; both
	// are 0 if it knows of none.
	LongFrom Day `cbor:"3,keyasint,omitempty"`
	LongTo   Day `cbor:"4,keyasint,omitempty"`
	// At is when the item Merged was committed, in Unix milliseconds; 0 where nothing
	// was merged since this is kept.
	At int64 `cbor:"5,keyasint,omitempty"`

	version uint64
}

// ReadMerged reads it.
func ReadMerged(ctx context.Context, state table.Table, tenant string) (Merged, error) {
	items, err := state.Get(ctx, mergeKey(tenant))
	if err != nil {
		return Merged{}, fmt.Errorf("reading how far %q is merged: %w", tenant, err)
	}
	m := Merged{version: items[0].Version}
	if m.version == 0 {
		return m, nil
	}
	return m, cbor.Unmarshal(items[0].Value, &m)
}

func (m *Merged) op(tenant string) (table.Op, error) {
	v, err := cbor.Marshal(m)
	return table.Op{Item: table.Item{Key: mergeKey(tenant), Value: v, Version: m.version + 1}, If: table.VersionIs(m.version)}, err
}

// Due says whether a log of so many unmerged items and bytes should be merged.
func Due(items, bytes int) bool {
	return bytes > MergeBytes && items >= minItems || bytes > maxBytes
}

// MergeDue merges every tenant's log that is due or older than MergeAge.
func MergeDue(ctx context.Context, state table.Table, now time.Time) error {
	var tenants []string
	for item, err := range state.Query(ctx, table.Range{Part: logsKey("").Part}) {
		if err != nil {
			return fmt.Errorf("listing logs: %w", err)
		}
		tenants = append(tenants, table.Split(item.Sort)[0])
	}
	var failed []error
	for _, tenant := range tenants {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		_, size, first, err := unmerged(ctx, state, tenant, m.Merged)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		old := first != 0 && now.UnixMilli()-first >= MergeAge.Milliseconds()
		if m.Intent > m.Merged || size > MergeBytes {
			old = true
		}
		if old {
			if err := Merge(ctx, state, tenant); err != nil {
				failed = append(failed, fmt.Errorf("merging %q: %w", tenant, err))
			}
		}
	}
	return errors.Join(failed...)
}

// Merge takes the whole log of a tenant into its blocks. It may be called by
// many at once, and may be killed anywhere: the next one completes it.
func Merge(ctx context.Context, state table.Table, tenant string) error {
	for {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			return err
		}
		tail, err := Tail(ctx, state, tenant, m.Merged)
		if err != nil {
			return err
		}
		if m.Intent <= m.Merged {
			if len(tail) == 0 {
				return nil
			}
			size := 0
			for _, l := range tail {
				if size += l.Bytes; size > stepBytes && m.Intent > m.Merged {
					break
				}
				m.Intent = l.Seq
				m.note(l.Diffs)
			}
			if again, err := m.put(ctx, state, tenant); err != nil {
				return err
			} else if again {
				continue
			}
		}
		n := int(m.Intent - m.Merged)
		if n > len(tail) {
			return fmt.Errorf("the log of %q lacks item %d", tenant, m.Merged+uint64(len(tail))+1)
		}
		if err := mergeItems(ctx, state, tenant, tail[:n]); err != nil {
			return err
		}
		m.Merged, m.At = m.Intent, tail[n-1].At
		if _, err := m.put(ctx, state, tenant); err != nil {
			return err
		}
	}
}

// note widens the days within which detail knows of whole days.
func (m *Merged) note(diffs []Difference) {
	for i := range diffs {
		if first, last, ok := lastsDays(&diffs[i].Contribution); ok {
			m.widen(first, last)
		}
	}
}

func (m *Merged) widen(first, last Day) {
	if m.LongFrom == 0 && m.LongTo == 0 {
		m.LongFrom, m.LongTo = first, last
		return
	}
	m.LongFrom, m.LongTo = min(m.LongFrom, first), max(m.LongTo, last)
}

// put writes m; again means that somebody else moved it.
func (m *Merged) put(ctx context.Context, state table.Table, tenant string) (again bool, err error) {
	op, err := m.op(tenant)
	if err != nil {
		return false, err
	}
	var conflict *table.ConflictError
	switch err := state.Write(ctx, op); {
	case errors.As(err, &conflict):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("noting how far %q is merged: %w", tenant, err)
	}
	m.version++
	return false, nil
}

// mergeItems takes consecutive log items into detail, blocks and open chunks.
// Done twice, or by two at once, it does the same once.
func mergeItems(ctx context.Context, state table.Table, tenant string, items []LogItem) error {
	upTo := items[len(items)-1].Seq
	var open [openChunks][]Difference
	lots := map[int64][]*Difference{}
	for i := range items {
		for j := range items[i].Diffs {
			d := &items[i].Diffs[j]
			if d.Until == measure.Forever {
				open[chunkOf(d)] = append(open[chunkOf(d)], *d)
				continue
			}
			first := lotOf(QuarterOf(d.At))
			for n := first; n <= max(first, lotOf(QuarterOf(d.Until-1))); n++ {
				lots[n] = append(lots[n], d)
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(lots)) {
		if err := mergeLot(ctx, state, tenant, upTo, quarters{Quarter(n * lot), Quarter((n + 1) * lot)}, lots[n]); err != nil {
			return err
		}
	}
	var keys []table.Key
	for c := range open {
		if len(open[c]) > 0 {
			keys = append(keys, openKey(tenant, c))
		}
	}
	err := update(ctx, state, keys, upTo, func(k table.Key, v []byte) ([]byte, error) {
		return addOpen(v, open[k.Sort[0]-'0'])
	})
	if err != nil {
		return fmt.Errorf("writing what is open: %w", err)
	}
	return nil
}

// lot is how many quarters are merged at once: whatever lasts for years takes no more
// memory than that.
const lot = 32 * quartersOfDay

func lotOf(q Quarter) int64 { return floorDiv(int64(q), lot) }

// mergeLot takes what of differences lies in some quarters into detail and blocks.
func mergeLot(ctx context.Context, state table.Table, tenant string, upTo uint64, in quarters, diffs []*Difference) error {
	details := map[detailSlot][]Difference{}
	blocks := map[blockID]map[cellKey]int64{}
	for _, d := range diffs {
		eachDetail(&d.Contribution, in, func(s detailSlot) { details[s] = append(details[s], *d) })
		addToBlocks(blocks, &d.Contribution, in)
	}
	ops := make([]table.Op, 0, len(details))
	for s, diffs := range details {
		ops = append(ops, table.Op{Item: table.Item{Key: detailKey(tenant, s, upTo), Value: encodeDifferences(diffs), Version: upTo}})
	}
	slices.SortFunc(ops, func(a, b table.Op) int { return compareKeys(a.Item.Key, b.Item.Key) })
	if _, err := state.PutEach(ctx, ops...); err != nil {
		return fmt.Errorf("writing detail: %w", err)
	}
	keys := make([]table.Key, 0, len(blocks))
	changes := make(map[table.Key]map[cellKey]int64, len(blocks))
	for id, change := range blocks {
		k := blockKey(tenant, id.class, id.series, id.value, id.block)
		keys = append(keys, k)
		changes[k] = change
	}
	slices.SortFunc(keys, compareKeys)
	var a adder
	if err := update(ctx, state, keys, upTo, func(k table.Key, v []byte) ([]byte, error) { return a.cells(v, changes[k]) }); err != nil {
		return fmt.Errorf("writing blocks: %w", err)
	}
	return nil
}

func compareKeys(a, b table.Key) int {
	return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Sort, b.Sort))
}

type blockID struct {
	class  Class
	series measure.Series
	value  string
	block  int64
}

func addToBlocks(blocks map[blockID]map[cellKey]int64, c *measure.Contribution, in quarters) {
	m := measure.Get(c.Measure)
	if m == nil {
		return
	}
	for _, s := range m.Series {
		c.EachSeries(s, func(value string) {
			spread(c, s, in, func(class Class, block int64, key cellKey, n int64) {
				id := blockID{class, s, value, block}
				b := blocks[id]
				if b == nil {
					b = map[cellKey]int64{}
					blocks[id] = b
				}
				b[key] += n
			})
		})
	}
}

// adder adds to one block after another; what it holds is only there to be used again.
type adder struct{ added, out []cell }

// cells returns a block with changes added; numbers that become 0 are left out.
func (a *adder) cells(v []byte, changes map[cellKey]int64) ([]byte, error) {
	added, out := a.added[:0], a.out[:0]
	for k, n := range changes {
		added = append(added, cell{k, n})
	}
	slices.SortFunc(added, cell.compare)
	a.added = added
	keep := func(c cell) {
		if c.N != 0 {
			out = append(out, c)
		}
	}
	err := eachStored(v, func(c cell) { // both are sorted
		for len(added) > 0 && added[0].compare(c) < 0 {
			keep(added[0])
			added = added[1:]
		}
		if len(added) > 0 && added[0].cellKey == c.cellKey {
			c.N += added[0].N
			added = added[1:]
		}
		keep(c)
	})
	for _, c := range added {
		keep(c)
	}
	a.out = out
	return encodeBlock(out), err
}

// addOpen returns an open chunk with differences added.
func addOpen(v []byte, diffs []Difference) ([]byte, error) {
	var all []Difference
	if len(v) > 0 {
		var err error
		if all, err = decodeDifferences(v); err != nil {
			return nil, err
		}
	}
	return encodeDifferences(Net(append(all, diffs...))), nil
}

// Net adds up equal contributions of the same fact and leaves out zeros.
func Net(diffs []Difference) []Difference {
	byFact := map[string][]int{}
	out := diffs[:0:0]
next:
	for _, d := range diffs {
		for _, i := range byFact[d.Fact] {
			o := &out[i]
			if o.Measure == d.Measure && o.At == d.At && o.Until == d.Until && o.Value == d.Value && o.Key == d.Key && slices.Equal(o.Dims, d.Dims) {
				o.N += d.N
				continue next
			}
		}
		byFact[d.Fact] = append(byFact[d.Fact], len(out))
		out = append(out, d)
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return d.N == 0 })
}

// batch is how many records an update reads and writes at once.
const batch = 500

// update brings records to a version: those that are already there are skipped,
// the others are changed and put if nobody changed them meanwhile.
func update(ctx context.Context, state table.Table, keys []table.Key, version uint64, change func(table.Key, []byte) ([]byte, error)) error {
	for len(keys) > 0 {
		n := min(batch, len(keys))
		todo := keys[:n]
		keys = keys[n:]
		for tries := 0; len(todo) > 0; tries++ {
			if tries > 8 {
				return fmt.Errorf("record %v keeps changing", todo[0])
			}
			items, err := state.Get(ctx, todo...)
			if err != nil {
				return err
			}
			var ops []table.Op
			for i, item := range items {
				if item.Version >= version {
					continue
				}
				v, err := change(todo[i], item.Value)
				if err != nil {
					return fmt.Errorf("record %v: %w", todo[i], err)
				}
				ops = append(ops, table.Op{Item: table.Item{Key: todo[i], Value: v, Version: version}, If: table.Unchanged(item)})
			}
			stood, err := state.PutEach(ctx, ops...)
			if err != nil {
				return err
			}
			todo = nil
			for i, s := range stood {
				if s != nil {
					todo = append(todo, ops[i].Item.Key)
				}
			}
		}
	}
	return nil
}
