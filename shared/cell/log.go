package cell

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"chatreports/shared/table"
)

// logLife is how long a log item is kept. It must be merged long before; the
// alarm on the age of the oldest unmerged item says when it is not.
const logLife = 35 * 24 * time.Hour

// The version of an item says what it is: plain, completed by the next one, or nothing
// but the word that what is open was mended, and whoever knows of it must read it anew.
const (
	plain   = 1
	goingOn = 2
	mended  = 3
)

// LogItem is one commit, or a part of one: the differences of the facts stored with it.
type LogItem struct {
	Seq uint64
	// GoesOn: the next item is of the same commit.
	GoesOn bool
	mended bool
	// At is when it was committed, in Unix milliseconds.
	At    int64
	Bytes int
	Diffs []Difference
}

// Add is the operation that appends differences to the head as item seq, to be
// written in one transaction with the facts they come from. It fails, as a whole,
// if seq is taken: take the next. The first needs List beside it. goesOn says that the
// commit has a next item. size is the item's, in bytes.
func Add(tenant string, seq uint64, diffs []Difference, now time.Time, goesOn bool) (op table.Op, size int) {
	if goesOn {
		return addAs(goingOn, tenant, seq, diffs, now)
	}
	return addAs(plain, tenant, seq, diffs, now)
}

func addAs(version uint64, tenant string, seq uint64, diffs []Difference, now time.Time) (op table.Op, size int) {
	value := binary.AppendVarint(nil, now.UnixMilli())
	value = append(value, encodeDifferences(diffs)...)
	return table.Op{
		Item: table.Item{Key: logKey(tenant, seq), Value: value, Version: version, Expires: now.Add(logLife).Unix()},
		If:   table.Absent,
	}, len(value)
}

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
// fills it.
func Tail(ctx context.Context, state table.Table, tenant string, after uint64) ([]LogItem, error) {
	return tail(ctx, state, tenant, after, nil)
}

// tail is Tail with the differences of some measures only.
func tail(ctx context.Context, state table.Table, tenant string, after uint64, want *Measures) ([]LogItem, error) {
	from := logKey(tenant, after+1)
	var out []LogItem
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return nil, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, err := decodeLog(item, want)
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

func decodeLog(item table.Item, want *Measures) (LogItem, error) {
	l, rest, err := logHead(item)
	if err != nil {
		return l, err
	}
	if l.Diffs, err = decodeSome(rest, want); err != nil {
		return l, fmt.Errorf("log item %q: %w", item.Sort, err)
	}
	return l, nil
}

// logHead is a log item without its differences.
func logHead(item table.Item) (l LogItem, rest []byte, err error) {
	seq, err := strconv.ParseUint(item.Sort, 16, 64)
	if err != nil {
		return l, nil, fmt.Errorf("log item %q: %w", item.Sort, err)
	}
	at, n := binary.Varint(item.Value)
	if n <= 0 {
		return l, nil, fmt.Errorf("log item %q: %w", item.Sort, errCorrupt)
	}
	return LogItem{Seq: seq, GoesOn: item.Version == goingOn, mended: item.Version == mended, At: at, Bytes: len(item.Value)}, item.Value[n:], nil
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
	from := logKey(tenant, after+1)
	last = after
	for item, err := range state.Query(ctx, table.Range{Part: from.Part, From: from.Sort}) {
		if err != nil {
			return 0, 0, 0, fmt.Errorf("reading the log of %q: %w", tenant, err)
		}
		l, _, err := logHead(item)
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
