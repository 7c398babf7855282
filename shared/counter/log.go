package counter

import (
	"context"
	"fmt"
	"time"

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
	item.Expires = l.At/1000 + int64(logLife/time.Second)
	return table.Op{Item: item, If: table.Absent}, len(item.Value)
}

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
	says := items[0].Value
	return items[0].Version != 0 && (len(says) != 1 || says[0] != uncorrected), nil
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

// End is the number of the last log item, and the bytes not merged yet.
func End(ctx context.Context, state table.Table, tenant string) (seq uint64, bytes int, err error) {
	m, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return 0, 0, err
	}
	seq, bytes, _, err = unmerged(ctx, state, tenant, m.Merged)
	return seq, bytes, err
}

// unmerged measures the log after item number after, as Tail reads it: the last
// item's number, the bytes, and when the first was committed (0: there is none).
func unmerged(ctx context.Context, state table.Table, tenant string, after uint64) (last uint64, bytes int, first int64, err error) {
	from := cell.LogKey(tenant, after+1)
	last = after
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return 0, 0, 0, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, _, err := cell.LogHead(item)
		if err != nil {
			return 0, 0, 0, err
		}
		if l.Seq != last+1 {
			break
		}
		if last == after {
			first = l.At
		}
		last, bytes = l.Seq, bytes+l.Bytes
	}
	return last, bytes, first, nil
}
