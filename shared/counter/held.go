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
// changed. So what the log says of documents is held: bundled by itself, until there is as
// much of it as pays. Only who reads documents reads what is held, and it makes no log longer.
const (
	mostHeld = 640 << 10
	// heldApart is how many bundles of it there may be before some are made one.
	heldApart = 6
)

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

func isDocument(d cell.Difference) bool { return d.Measure == measure.Documents }

// apart takes what items change of documents out of them.
func apart(items []cell.LogItem) (documents []cell.LogItem) {
	for i := range items {
		l := items[i]
		l.Diffs = nil
		for _, d := range items[i].Diffs {
			if isDocument(d) {
				l.Diffs = append(l.Diffs, d)
			}
		}
		items[i].Diffs = slices.DeleteFunc(items[i].Diffs, isDocument)
		documents = append(documents, l)
	}
	return documents
}

// Held reads what is held of documents.
func Held(ctx context.Context, state table.Table, tenant string, merged *cell.Merged) (items []cell.LogItem, err error) {
	return unbundle(ctx, state, tenant, merged.Held, (*cell.Bundle).HeldKey, onlyDocuments)
}

// documents holds what some items change of documents, or takes it into blocks with all that
// is held, and gives what is held then.
func (m *merging) documents(merged *cell.Merged, items []cell.LogItem) ([]cell.Bundle, error) {
	changed := apart(items)
	if !merged.Fold {
		return hold(m.ctx, m.state, m.tenant, merged, changed)
	}
	held, err := Held(m.ctx, m.state, m.tenant, merged)
	if err != nil {
		return nil, err
	}
	return nil, m.foldDocuments(append(held, changed...))
}

// hold bundles what some items, which come next, change of documents, and gives what is held
// then. Where there are many bundles, those before that are not much larger are taken along.
func hold(ctx context.Context, state table.Table, tenant string, merged *cell.Merged, changed []cell.LogItem) ([]cell.Bundle, error) {
	begin := slices.IndexFunc(changed, func(l cell.LogItem) bool { return len(l.Diffs) > 0 })
	if begin < 0 {
		return merged.Held, nil
	}
	from := cell.Bundle{First: max(merged.Merged, merged.HeldTo()) + 1, Since: changed[begin].At}
	b, record := cell.BundleOf(tenant, from, changed)
	before, along := merged.Held, []cell.Bundle(nil)
	if len(before) >= heldApart {
		before, along = alongWith(before, b.Bytes)
	}
	if len(along) > 0 {
		more, err := Held(ctx, state, tenant, &cell.Merged{Held: along})
		if err != nil {
			return nil, err
		}
		changed = append(more, changed...)
		b, record = cell.BundleOf(tenant, along[0], changed)
	}
	record.Key, record.Expires = b.HeldKey(tenant), expires(changed[len(changed)-1].At)
	if _, err := state.PutEach(ctx, table.Op{Item: record}); err != nil {
		return nil, fmt.Errorf("holding documents of %q: %w", tenant, err)
	}
	return append(slices.Clip(before), b), nil
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
