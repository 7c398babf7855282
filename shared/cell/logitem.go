package cell

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"chatreports/shared/table"
)

// The version of an item says what it is: see GoesOn and Mended.
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
	// Mended: it is nothing but the word that what is open was mended, or is counted by
	// another version from here on: whoever knows of it in memory must read it anew.
	Mended bool
	// At is when it was committed, in Unix milliseconds.
	At    int64
	Bytes int
	Diffs []Difference
}

// Item is the record of the item, but for when it expires. Bytes is not needed for it.
func (l *LogItem) Item(tenant string) table.Item {
	version := uint64(plain)
	switch {
	case l.Mended:
		version = mended
	case l.GoesOn:
		version = goingOn
	}
	value := binary.AppendVarint(nil, l.At)
	return table.Item{Key: LogKey(tenant, l.Seq), Value: append(value, EncodeDifferences(l.Diffs)...), Version: version}
}

// DecodeLog reads a record, and of its differences those of some measures.
func DecodeLog(item table.Item, want *Measures) (LogItem, error) {
	l, rest, err := LogHead(item)
	if err != nil {
		return l, err
	}
	if l.Diffs, err = DecodeDifferences(rest, want); err != nil {
		return l, fmt.Errorf("log item %q: %w", item.Sort, err)
	}
	return l, nil
}

// LogHead is a log item without its differences, and these as they are stored.
func LogHead(item table.Item) (l LogItem, rest []byte, err error) {
	seq, err := strconv.ParseUint(item.Sort, 16, 64)
	if err != nil {
		return l, nil, fmt.Errorf("log item %q: %w", item.Sort, err)
	}
	at, n := binary.Varint(item.Value)
	if n <= 0 {
		return l, nil, fmt.Errorf("log item %q: %w", item.Sort, ErrDamaged)
	}
	return LogItem{Seq: seq, GoesOn: item.Version == goingOn, Mended: item.Version == mended, At: at, Bytes: len(item.Value)}, item.Value[n:], nil
}
