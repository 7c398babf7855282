package counter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// A document is as long as a hundred numbers, and those of an hour are one block: a merge
// that took them into blocks would write that of the last hours anew for each few chats that
// changed. So what a merge finds of documents is held: bundled by itself, until there is as
// much of it as pays. Only who reads documents reads what is held.
const mostHeld = 512 << 10

var onlyDocuments = func() *cell.Measures {
	m := new(cell.Measures)
	m[measure.Documents] = true
	return m
}()

// tooMuchHeld says whether what is held is to be taken into blocks by a merge at a time: it
// is much, or old.
func tooMuchHeld(m *cell.Merged, now int64) bool {
	return m.HeldBytes() > mostHeld || len(m.Held) > 0 && now-m.Held[0].Since >= MergeAge.Milliseconds()
}

// Held reads what is held of documents. What cannot be read is read as the items of the log
// that it is made of.
func Held(ctx context.Context, state table.Table, tenant string, merged *cell.Merged) (items []cell.LogItem, err error) {
	if len(merged.Held) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(merged.Held))
	for i := range merged.Held {
		keys[i] = merged.Held[i].HeldKey(tenant)
	}
	records, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading what is held of the documents of %q: %w", tenant, err)
	}
	for i, r := range records {
		b := &merged.Held[i]
		if item, err := b.Decode(r, onlyDocuments); err == nil {
			items = append(items, item)
			continue
		}
		tail, err := Tail(ctx, state, tenant, b.First-1, onlyDocuments)
		if err != nil {
			return nil, err
		}
		if last(tail, 0) < b.Last {
			return nil, fmt.Errorf("what is held of the documents of %q from %d to %d: %w", tenant, b.First, b.Last, cell.ErrDamaged)
		}
		items = append(items, slices.DeleteFunc(tail, func(l cell.LogItem) bool { return l.Seq > b.Last })...)
	}
	return items, nil
}

// documents holds what some items change of documents, or takes it into blocks with all that
// is held, and gives what is held then.
func (m *merging) documents(merged *cell.Merged, items []cell.LogItem) ([]cell.Bundle, error) {
	var changed []cell.LogItem
	for _, l := range items {
		l.Diffs = slices.DeleteFunc(slices.Clone(l.Diffs), func(d cell.Difference) bool { return d.Measure != measure.Documents })
		if len(l.Diffs) > 0 {
			changed = append(changed, l)
		}
	}
	switch {
	case merged.Fold:
		held, err := Held(m.ctx, m.state, m.tenant, merged)
		if err != nil {
			return nil, err
		}
		return nil, m.foldDocuments(append(held, changed...))
	case len(changed) == 0:
		return merged.Held, nil
	}
	return m.hold(merged, changed)
}

// hold bundles changes of documents. Bundles before that are not much larger are taken along.
func (m *merging) hold(merged *cell.Merged, changed []cell.LogItem) ([]cell.Bundle, error) {
	before := slices.Clip(merged.Held)
	from := cell.Bundle{First: merged.Merged + 1, Since: changed[0].At}
	b, record := cell.BundleOf(m.tenant, from, changed)
	for n := len(before) - 1; n >= 0 && before[n].Bytes <= 2*b.Bytes; n-- {
		more, err := Held(m.ctx, m.state, m.tenant, &cell.Merged{Held: before[n:]})
		if err != nil {
			return nil, err
		}
		changed = append(more, changed...)
		b, record = cell.BundleOf(m.tenant, before[n], changed)
		before = before[:n]
	}
	record.Key, record.Expires = b.HeldKey(m.tenant), expires(changed[len(changed)-1].At)
	if _, err := m.state.PutEach(m.ctx, table.Op{Item: record}); err != nil {
		return nil, fmt.Errorf("holding documents of %q: %w", m.tenant, err)
	}
	return append(before, b), nil
}

// foldDocuments takes changes of documents into blocks, into each those after what it holds.
func (m *merging) foldDocuments(changed []cell.LogItem) error {
	type change struct {
		seq     uint64
		numbers map[cell.ID]int64
	}
	changes := map[table.Key][]change{}
	for i := range changed {
		for id, numbers := range DocumentSums(&changed[i]) {
			k := id.Key(m.tenant)
			changes[k] = append(changes[k], change{changed[i].Seq, numbers})
		}
	}
	var a cell.Adder
	err := m.update(slices.SortedFunc(maps.Keys(changes), compareKeys), func(old table.Item) ([]byte, error) {
		all := map[cell.ID]int64{}
		for _, c := range changes[old.Key] {
			if c.seq > old.Version {
				for id, n := range c.numbers {
					all[id] += n
				}
			}
		}
		return a.Add(old.Value, all)
	})
	if err != nil {
		return fmt.Errorf("writing documents: %w", err)
	}
	return nil
}

// DocumentSums are what an item changes in blocks of documents.
func DocumentSums(item *cell.LogItem) cell.Sums {
	sums := cell.Sums{}
	for i := range item.Diffs {
		if c := &item.Diffs[i].Contribution; c.Measure == measure.Documents {
			q := cell.QuarterOf(c.At)
			sums.Add(c, cell.Quarters{From: q, To: q + 1})
		}
	}
	return sums
}

// letGo notes, where what is held is old, that it is to be taken into blocks though nothing
// else is to be merged.
func letGo(ctx context.Context, state table.Table, tenant string, m *cell.Merged, now time.Time) (bool, error) {
	if m.Fold || m.Intent > m.Merged || !tooMuchHeld(m, now.UnixMilli()) {
		return m.Fold, nil
	}
	m.Fold = true
	_, err := PutMerged(ctx, state, tenant, m)
	return true, err
}

// LetGo takes what is held of documents into blocks, however new it is. A DamageError says
// which blocks could not be read.
func LetGo(ctx context.Context, state table.Table, tenant string) error {
	for {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil || len(m.Held) == 0 {
			return err
		}
		if m.Intent <= m.Merged && !m.Fold {
			m.Fold = true
			if _, err := PutMerged(ctx, state, tenant, &m); err != nil {
				return err
			}
		}
		if _, err := MergeStep(ctx, state, tenant); err != nil {
			return err
		}
	}
}
