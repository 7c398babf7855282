package counter

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// logLife is how long a log item is kept. It must be merged long before; the
// alarm on the age of the oldest unmerged item says when it is not.
const logLife = 35 * 24 * time.Hour

// Add is the operation that appends differences to the head as item seq, to be
// written in one transaction with the facts they come from. It fails, as a whole,
// if seq is taken: take the next. The first needs List beside it. GoesOn says that the
// commit has a next item. size is the item's, in bytes.
func Add(tenant string, seq uint64, diffs []cell.Difference, now time.Time, goesOn bool) (op table.Op, size int) {
	return addItem(tenant, cell.LogItem{Seq: seq, GoesOn: goesOn, At: now.UnixMilli(), Diffs: diffs})
}

func addItem(tenant string, l cell.LogItem) (op table.Op, size int) {
	item := l.Item(tenant)
	item.Expires = expires(l.At)
	return table.Op{Item: item, If: table.Absent}, len(item.Value)
}

// expires is when a record of the log does that was committed at a time (Unix ms).
func expires(at int64) int64 { return at/1000 + int64(logLife/time.Second) }

// logsKey lists a tenant among those that have a log.
func logsKey(tenant string) table.Key { return table.Key{Part: "logs", Sort: table.Join(tenant)} }

// What the record that lists a tenant says.
const (
	listed      = 1
	uncorrected = 2
)

// List is the operation that lists a tenant among those with a log. It says whether
// anything of an entity that is folded in segments was ever taken back: whoever commits
// that says so beside an item of the log. So who has seen that nothing was, as of a number
// of the log, need not look again before the next one is taken by somebody else.
func List(tenant string, corrected bool) table.Op {
	says := byte(uncorrected)
	if corrected {
		says = listed
	}
	return table.Op{Item: table.Item{Key: logsKey(tenant), Value: []byte{says}, Version: 1}}
}

// Corrected reads what List wrote: whether anything may have been taken back.
func Corrected(ctx context.Context, state table.Table, tenant string) (bool, error) {
	items, err := state.Get(ctx, logsKey(tenant))
	if err != nil {
		return true, fmt.Errorf("reading whether %q has corrections: %w", tenant, err)
	}
	return corrected(items[0]), nil
}

func corrected(listing table.Item) bool {
	return listing.Version != 0 && (len(listing.Value) != 1 || listing.Value[0] != uncorrected)
}

// Tail reads the log after item number after, up to the first number missing:
// a read is no snapshot, and what stands behind a gap may be older than what
// fills it. Of the differences it gives those of some measures.
func Tail(ctx context.Context, state table.Table, tenant string, after uint64, want *cell.Measures) ([]cell.LogItem, error) {
	from := cell.LogKey(tenant, after+1)
	var out []cell.LogItem
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return nil, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, err := cell.DecodeLog(item, want)
		if err != nil {
			return nil, err
		}
		if l.Seq != after+uint64(len(out))+1 {
			break
		}
		out = append(out, l)
	}
	return out, nil
}

// GoesOn says whether an item of the log is there and goes on in the next.
func GoesOn(ctx context.Context, state table.Table, tenant string, seq uint64) (bool, error) {
	items, err := state.Get(ctx, cell.LogKey(tenant, seq))
	if err != nil || items[0].Version == 0 {
		return false, err
	}
	l, _, err := cell.LogHead(items[0])
	return l.GoesOn, err
}

// beyond reads the log beyond what is merged: as Tail, but what is bundled from its bundles,
// each as one item, and of documents what is not held.
func beyond(ctx context.Context, state table.Table, tenant string, merged *cell.Merged, want *cell.Measures) ([]cell.LogItem, error) {
	var bundles, items []cell.LogItem
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		bundles, err = readBundles(gctx, state, tenant, merged.Bundles, want)
		return err
	})
	g.Go(func() (err error) {
		items, err = Tail(gctx, state, tenant, merged.Bundled(), want)
		return err
	})
	err := g.Wait()
	return unheld(append(bundles, items...), merged), err
}

// unheld leaves out of items of the log what is held: they have it where a bundle is lost.
func unheld(items []cell.LogItem, merged *cell.Merged) []cell.LogItem {
	for i := range items {
		if items[i].Seq <= merged.HeldTo() {
			items[i].Diffs = slices.DeleteFunc(items[i].Diffs, isDocument)
		}
	}
	return items
}

// readBundles reads bundles of the log.
func readBundles(ctx context.Context, state table.Table, tenant string, bundles []cell.Bundle, want *cell.Measures) ([]cell.LogItem, error) {
	return unbundle(ctx, state, tenant, bundles, (*cell.Bundle).Key, want)
}

// unbundle reads bundles, each as one item. One that cannot be read is read as the items that
// it is made of.
func unbundle(ctx context.Context, state table.Table, tenant string, bundles []cell.Bundle, key func(*cell.Bundle, string) table.Key, want *cell.Measures) (items []cell.LogItem, err error) {
	if len(bundles) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(bundles))
	for i := range bundles {
		keys[i] = key(&bundles[i], tenant)
	}
	records, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading the bundles of the log of %q: %w", tenant, err)
	}
	for i, r := range records {
		b := &bundles[i]
		if item, err := b.Decode(r, want); err == nil {
			items = append(items, item)
			continue
		}
		tail, err := Tail(ctx, state, tenant, b.First-1, want)
		if err != nil {
			return nil, err
		}
		if last(tail, 0) < b.Last {
			return nil, fmt.Errorf("the log of %q from %d to %d is lost, and so is the bundle of it: %w", tenant, b.First, b.Last, cell.ErrDamaged)
		}
		items = append(items, slices.DeleteFunc(tail, func(l cell.LogItem) bool { return l.Seq > b.Last })...)
	}
	return items, nil
}

// End is the number of the last log item, and how many items and bytes are neither merged nor
// bundled yet.
func End(ctx context.Context, state table.Table, tenant string) (seq uint64, items, bytes int, err error) {
	m, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return 0, 0, 0, err
	}
	seq = m.Bundled()
	for l, err := range heads(ctx, state, tenant, seq) {
		if err != nil {
			return 0, 0, 0, err
		}
		seq, items, bytes = l.Seq, items+1, bytes+l.Bytes
	}
	return seq, items, bytes, nil
}

// heads yields the items of the log after a number, as Tail reads it, without their
// differences.
func heads(ctx context.Context, state table.Table, tenant string, after uint64) iter.Seq2[cell.LogItem, error] {
	return func(yield func(cell.LogItem, error) bool) {
		from := cell.LogKey(tenant, after+1)
		for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
			if err != nil {
				yield(cell.LogItem{}, fmt.Errorf("reading the log of %q: %w", tenant, err))
				return
			}
			l, _, err := cell.LogHead(item)
			if err == nil && l.Seq != after+1 {
				return
			}
			after++
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}
