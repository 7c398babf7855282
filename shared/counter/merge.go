package counter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Merge takes the whole log of a tenant into its blocks, and what is held of documents. It may be called by
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
	return errors.Join(append(failed, LetGo(ctx, state, tenant))...)
}

// Step is what a piece of a merge came to: how far the log is merged, and the items and bytes
// of it that are neither merged nor bundled. Beyond maxBytes they are not counted on.
type Step struct {
	Merged       cell.Merged
	Items, Bytes int
}

// MergeStep is a piece of Merge, what is bundled and some 256 KB of the log: it completes the merge that has
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
		if m.Intent <= m.Merged && len(items) > 0 {
			m.Intend(items)
			m.Fold = m.Fold || tooMuchHeld(&m, items[len(items)-1].At)
			if again, err := PutMerged(ctx, state, tenant, &m); err != nil {
				return Step{}, err
			} else if again {
				continue
			}
		}
		if len(items) == 0 && !m.Fold {
			return Step{Merged: m}, nil
		}
		if has := last(items, m.Merged); has < m.Intent {
			return Step{}, fmt.Errorf("the log of %q lacks item %d", tenant, has+1)
		}
		held, damage := mergeItems(ctx, state, tenant, &m, items)
		if _, ok := errors.AsType[*DamageError](damage); !ok && damage != nil {
			return Step{}, damage
		}
		if len(items) > 0 {
			m.Merged, m.At, m.Bundles = m.Intent, items[len(items)-1].At, nil
		}
		m.Held, m.Fold = held, false
		if _, err := PutMerged(ctx, state, tenant, &m); err != nil {
			return Step{}, err
		}
		left.Merged = m
		return left, damage
	}
}

// last is the number of the last of some items; without any, another.
func last(items []cell.LogItem, without uint64) uint64 {
	if n := len(items); n > 0 {
		return items[n-1].Seq
	}
	return without
}

// piece reads the items of one step, those of bundles first, up to where a merge was begun,
// and measures what is left after them.
func piece(ctx context.Context, state table.Table, tenant string, m *cell.Merged) (items []cell.LogItem, left Step, err error) {
	items, err = readBundles(ctx, state, tenant, m.Bundles, nil)
	if err != nil {
		return nil, left, err
	}
	from, size := cell.LogKey(tenant, last(items, m.Merged)+1), 0
	next := last(items, m.Merged)
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return nil, left, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, rest, err := cell.LogHead(item)
		if err != nil {
			return nil, left, err
		}
		if next++; l.Seq != next || left.Bytes > maxBytes {
			break
		}
		takes := l.Seq <= m.Intent
		if m.Intent <= m.Merged {
			takes = left.Items == 0 && (len(items) == 0 || size+l.Bytes <= stepBytes)
		}
		if !takes {
			left.Items++
			left.Bytes += l.Bytes
			continue
		}
		if l.Diffs, err = cell.DecodeDifferences(rest, nil); err != nil {
			return nil, left, fmt.Errorf("log item %q: %w", item.Sort, err)
		}
		items, size = append(items, l), size+l.Bytes
	}
	return unheld(items, m), left, nil
}

// DamageError lists records that cannot be read, and that a merge therefore had to leave
// as they are. What reads them fails until a rebuild mends them; everything else is merged.
type DamageError struct{ Records []table.Key }

func (e *DamageError) Error() string {
	return fmt.Sprintf("%d records of counters cannot be read and were left out, %q %q first: a rebuild mends them", len(e.Records), e.Records[0].Part, e.Records[0].Sort)
}

// mergeItems takes consecutive log items into detail, blocks and open chunks, and gives what
// is held of documents then. Done twice, or by two at once, it does the same once.
func mergeItems(ctx context.Context, state table.Table, tenant string, merged *cell.Merged, items []cell.LogItem) ([]cell.Bundle, error) {
	m := merging{ctx: ctx, state: state, tenant: tenant, upTo: last(items, merged.Merged)}
	var open [cell.Chunks][]cell.Difference
	var long []*cell.Difference
	lots := map[cell.Unit][]*cell.Difference{} // as they are merged at once: by the smallest unit
	for i := range items {
		for j := range items[i].Diffs {
			switch d := &items[i].Diffs[j]; {
			case d.N == 0: // it only names its fact
			case d.Until == measure.Forever:
				open[cell.ChunkOf(d)] = append(open[cell.ChunkOf(d)], *d)
			case !d.Lasts():
				u := cell.UnitOf(1, cell.QuarterOf(d.At))
				lots[u] = append(lots[u], d)
			default:
				parts := cell.CoverOf(d.At, d.Until)
				for _, end := range parts.Ends {
					for u := cell.UnitOf(1, end.From); end.From < end.To && u.First() < end.To; u = u.Next() {
						lots[u] = append(lots[u], d)
					}
				}
				if _, some := parts.Between(); some {
					long = append(long, d)
				}
			}
		}
	}
	for _, u := range slices.SortedFunc(maps.Keys(lots), func(a, b cell.Unit) int { return cmp.Compare(a.First(), b.First()) }) {
		if err := m.lot(cell.Quarters{From: u.First(), To: u.End()}, lots[u]); err != nil {
			return nil, err
		}
	}
	if err := m.units(long); err != nil {
		return nil, err
	}
	if err := m.open(open); err != nil {
		return nil, fmt.Errorf("writing what is open: %w", err)
	}
	held, err := m.documents(merged, items)
	if err == nil && len(m.damaged) > 0 {
		err = &DamageError{m.damaged}
	}
	return held, err
}

// merging is one merge of consecutive log items, up to one.
type merging struct {
	ctx     context.Context
	state   table.Table
	tenant  string
	upTo    uint64
	damaged []table.Key
}

// lot takes what of differences lies in some quarters into detail and blocks.
func (m *merging) lot(in cell.Quarters, diffs []*cell.Difference) error {
	details := map[cell.Slot][]cell.Difference{}
	blocks := cell.Sums{}
	for _, d := range diffs {
		cell.EachSlot(&d.Contribution, in, func(s cell.Slot) { details[s] = append(details[s], *d) })
		if !isDocument(*d) { // see documents
			blocks.Add(&d.Contribution, in)
		}
	}
	ops := make([]table.Op, 0, len(details))
	for s, diffs := range details {
		ops = append(ops, m.detail(s.Key(m.tenant, m.upTo), diffs))
	}
	return m.write(ops, blocks)
}

// units takes what of differences lasts throughout units into detail and blocks.
func (m *merging) units(diffs []*cell.Difference) error {
	details := map[cell.Unit][]cell.Difference{}
	blocks := cell.Sums{}
	for _, d := range diffs {
		blocks.AddUnits(&d.Contribution)
		if cell.HasDetail(&d.Contribution) {
			parts := cell.CoverOf(d.At, d.Until)
			parts.EachUnit(func(u cell.Unit) { details[u] = append(details[u], *d) })
		}
	}
	ops := make([]table.Op, 0, len(details))
	for u, diffs := range details {
		ops = append(ops, m.detail(u.DetailKey(m.tenant, m.upTo), diffs))
	}
	return m.write(ops, blocks)
}

func (m *merging) detail(k table.Key, diffs []cell.Difference) table.Op {
	return table.Op{Item: table.Item{Key: k, Value: cell.EncodeDifferences(diffs), Version: m.upTo}}
}

func (m *merging) write(details []table.Op, blocks cell.Sums) error {
	slices.SortFunc(details, func(a, b table.Op) int { return compareKeys(a.Item.Key, b.Item.Key) })
	if _, err := m.state.PutEach(m.ctx, details...); err != nil {
		return fmt.Errorf("writing detail: %w", err)
	}
	keys := make([]table.Key, 0, len(blocks))
	changes := make(map[table.Key]map[cell.ID]int64, len(blocks))
	for id, change := range blocks {
		k := id.Key(m.tenant)
		keys = append(keys, k)
		changes[k] = change
	}
	slices.SortFunc(keys, compareKeys)
	var a cell.Adder
	if err := m.update(keys, func(old table.Item) ([]byte, error) { return a.Add(old.Value, changes[old.Key]) }); err != nil {
		return fmt.Errorf("writing blocks: %w", err)
	}
	return nil
}

func compareKeys(a, b table.Key) int {
	return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Sort, b.Sort))
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
func (m *merging) update(keys []table.Key, change func(table.Item) ([]byte, error)) error {
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
				item.Key = todo[i]
				v, err := change(item)
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
