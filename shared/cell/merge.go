package cell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Merge takes the whole log of a tenant into its blocks. It may be called by
// many at once, and may be killed anywhere: the next one completes it.
func Merge(ctx context.Context, state table.Table, tenant string) error {
	var failed []error
	for items := 1; items > 0; {
		step, err := MergeStep(ctx, state, tenant)
		items = step.Items
		if _, ok := errors.AsType[*DamageError](err); ok {
			failed, err = append(failed, err), nil
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// Step is what a piece of a merge came to: how far the log is merged, the items and bytes of
// it that are not, and when the first of these was committed (Unix milliseconds; 0: there is
// none). Beyond maxBytes they are not counted on.
type Step struct {
	Merged       Merged
	Items, Bytes int
	First        int64
}

// MergeStep is a piece of Merge, some 256 KB of the log: it completes the merge that has
// begun, or begins one and completes that. A DamageError says that the step was completed
// but for some records; after any other error there is nothing left to do.
func MergeStep(ctx context.Context, state table.Table, tenant string) (Step, error) {
	for {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			return Step{}, err
		}
		items, left, err := piece(ctx, state, tenant, &m)
		if err != nil {
			return Step{}, err
		}
		if m.Intent <= m.Merged {
			if len(items) == 0 {
				return Step{Merged: m}, nil
			}
			for _, l := range items {
				m.Intent = l.Seq
				m.note(l.Diffs)
			}
			if m.Merged == 0 && m.Months == nil { // that there are any tells that they are known
				month := monthOf(QuarterOf(items[0].At))
				m.addMonths(month, month)
			}
			if again, err := m.put(ctx, state, tenant); err != nil {
				return Step{}, err
			} else if again {
				continue
			}
		}
		if n := uint64(len(items)); n < m.Intent-m.Merged {
			return Step{}, fmt.Errorf("the log of %q lacks item %d", tenant, m.Merged+n+1)
		}
		damage := mergeItems(ctx, state, tenant, items)
		if _, ok := errors.AsType[*DamageError](damage); !ok && damage != nil {
			return Step{}, damage
		}
		m.Merged, m.At = m.Intent, items[len(items)-1].At
		if _, err := m.put(ctx, state, tenant); err != nil {
			return Step{}, err
		}
		left.Merged = m
		return left, damage
	}
}

// piece reads the items of one step, up to where a merge was begun, and measures what is
// left after them.
func piece(ctx context.Context, state table.Table, tenant string, m *Merged) (items []LogItem, left Step, err error) {
	from, size := logKey(tenant, m.Merged+1), 0
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return nil, left, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, rest, err := logHead(item)
		if err != nil {
			return nil, left, err
		}
		if l.Seq != m.Merged+1+uint64(len(items)+left.Items) || left.Bytes > maxBytes {
			break
		}
		takes := l.Seq <= m.Intent
		if m.Intent <= m.Merged {
			takes = left.Items == 0 && (len(items) == 0 || size+l.Bytes <= stepBytes)
		}
		if !takes {
			if left.Items++; left.Items == 1 {
				left.First = l.At
			}
			left.Bytes += l.Bytes
			continue
		}
		if l.Diffs, err = decodeDifferences(rest); err != nil {
			return nil, left, fmt.Errorf("log item %q: %w", item.Sort, err)
		}
		items, size = append(items, l), size+l.Bytes
	}
	return items, left, nil
}

// DamageError lists records that cannot be read, and that a merge therefore had to leave
// as they are. What reads them fails until a rebuild mends them; everything else is merged.
type DamageError struct{ Records []table.Key }

func (e *DamageError) Error() string {
	return fmt.Sprintf("%d records of counters cannot be read and were left out, %q %q first: a rebuild mends them", len(e.Records), e.Records[0].Part, e.Records[0].Sort)
}

// mergeItems takes consecutive log items into detail, blocks and open chunks.
// Done twice, or by two at once, it does the same once.
func mergeItems(ctx context.Context, state table.Table, tenant string, items []LogItem) error {
	upTo := items[len(items)-1].Seq
	m := merging{ctx: ctx, state: state, tenant: tenant, upTo: upTo}
	var open [openChunks][]Difference
	var long []*Difference
	lots := map[int64][]*Difference{}
	for i := range items {
		for j := range items[i].Diffs {
			switch d := &items[i].Diffs[j]; {
			case d.N == 0: // it only names its fact
			case d.Until == measure.Forever:
				open[chunkOf(d)] = append(open[chunkOf(d)], *d)
			case !d.Lasts():
				n := lotOf(QuarterOf(d.At))
				lots[n] = append(lots[n], d)
			default:
				parts := coverOf(d.At, d.Until)
				for _, end := range parts.ends {
					for n := lotOf(end.From); end.From < end.To && n <= lotOf(end.To-1); n++ {
						lots[n] = append(lots[n], d)
					}
				}
				if parts.units != nil {
					long = append(long, d)
				}
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(lots)) {
		if err := m.lot(Quarters{Quarter(n * lot), Quarter((n + 1) * lot)}, lots[n]); err != nil {
			return err
		}
	}
	if err := m.units(long); err != nil {
		return err
	}
	if err := m.open(open); err != nil {
		return fmt.Errorf("writing what is open: %w", err)
	}
	if len(m.damaged) > 0 {
		return &DamageError{m.damaged}
	}
	return nil
}

// merging is one merge of consecutive log items, up to one.
type merging struct {
	ctx     context.Context
	state   table.Table
	tenant  string
	upTo    uint64
	damaged []table.Key
}

func lotOf(q Quarter) int64 { return floorDiv(int64(q), lot) }

// lot takes what of differences lies in some quarters into detail and blocks.
func (m *merging) lot(in Quarters, diffs []*Difference) error {
	details := map[detailSlot][]Difference{}
	blocks := map[blockID]map[cellKey]int64{}
	for _, d := range diffs {
		eachDetail(&d.Contribution, in, func(s detailSlot) { details[s] = append(details[s], *d) })
		addToBlocks(blocks, &d.Contribution, in)
	}
	ops := make([]table.Op, 0, len(details))
	for s, diffs := range details {
		ops = append(ops, m.detail(detailKey(m.tenant, s, m.upTo), diffs))
	}
	return m.write(ops, blocks)
}

// units takes what of differences lasts throughout units into detail and blocks.
func (m *merging) units(diffs []*Difference) error {
	details := map[Unit][]Difference{}
	blocks := map[blockID]map[cellKey]int64{}
	for _, d := range diffs {
		addUnits(blocks, &d.Contribution)
		if hasDetail(&d.Contribution) {
			parts := coverOf(d.At, d.Until)
			parts.eachUnit(func(u Unit) { details[u] = append(details[u], *d) })
		}
	}
	ops := make([]table.Op, 0, len(details))
	for u, diffs := range details {
		ops = append(ops, m.detail(unitDetailKey(m.tenant, u, m.upTo), diffs))
	}
	return m.write(ops, blocks)
}

func (m *merging) detail(k table.Key, diffs []Difference) table.Op {
	return table.Op{Item: table.Item{Key: k, Value: encodeDifferences(diffs), Version: m.upTo}}
}

func (m *merging) write(details []table.Op, blocks map[blockID]map[cellKey]int64) error {
	slices.SortFunc(details, func(a, b table.Op) int { return compareKeys(a.Item.Key, b.Item.Key) })
	if _, err := m.state.PutEach(m.ctx, details...); err != nil {
		return fmt.Errorf("writing detail: %w", err)
	}
	keys := make([]table.Key, 0, len(blocks))
	changes := make(map[table.Key]map[cellKey]int64, len(blocks))
	for id, change := range blocks {
		k := blockKey(m.tenant, id.class, id.series, id.value, id.block)
		keys = append(keys, k)
		changes[k] = change
	}
	slices.SortFunc(keys, compareKeys)
	var a adder
	if err := m.update(keys, func(k table.Key, v []byte) ([]byte, error) { return a.cells(v, changes[k]) }); err != nil {
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

func addToBlocks(blocks map[blockID]map[cellKey]int64, c *measure.Contribution, in Quarters) {
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

// batch is how many records an update reads and writes at once, maxTries how often it
// tries again to change one that others change.
const (
	batch    = 500
	maxTries = 8
)

// update brings records to the number that is merged up to: those that are already there
// are skipped, the others are changed and put if nobody changed them meanwhile. Those that
// cannot be read are left as they are, and noted.
func (m *merging) update(keys []table.Key, change func(table.Key, []byte) ([]byte, error)) error {
	for len(keys) > 0 {
		n := min(batch, len(keys))
		todo := keys[:n]
		keys = keys[n:]
		for tries := 0; len(todo) > 0; tries++ {
			if tries > maxTries {
				return fmt.Errorf("record %v keeps changing", todo[0])
			}
			items, err := m.state.Get(m.ctx, todo...)
			if err != nil {
				return err
			}
			var ops []table.Op
			for i, item := range items {
				if item.Version >= m.upTo {
					continue
				}
				v, err := change(todo[i], item.Value)
				if err != nil {
					m.damaged = append(m.damaged, todo[i])
					continue
				}
				ops = append(ops, table.Op{Item: table.Item{Key: todo[i], Value: v, Version: m.upTo}, If: table.Unchanged(item)})
			}
			stood, err := m.state.PutEach(m.ctx, ops...)
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
