package verify

import (
	"context"
	"hash/maphash"
	"iter"
	"math"
	"time"

	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// folded is the journal of an entity as far as its facts have folded it.
type folded struct {
	table.Table
	known map[uint32]bool // the events that the facts know of
	lacks map[uint32]bool // those that were met and that they do not
	// newest is when the last of the known events was stored, oldest when the first of the
	// others was, in Unix nanoseconds.
	newest, oldest int64
}

// foldedOf is the journal as far as facts have folded it.
func foldedOf(events table.Table, stored map[table.Key]table.Item) *folded {
	return &folded{Table: events, known: known(stored), lacks: map[uint32]bool{}, newest: math.MinInt64, oldest: math.MaxInt64}
}

// overtaken says that an event is not folded, and that one which was stored so much later is.
func (f *folded) overtaken(by time.Duration) bool {
	return len(f.lacks) > 0 && f.newest > f.oldest && f.newest-f.oldest > int64(by)
}

// Query implements table.Table.
func (f *folded) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for item, err := range f.Table.Query(ctx, r) {
			if err == nil && !journal.IsNote(item) {
				rec, err := journal.Decode(item)
				if err != nil {
					yield(table.Item{}, err)
					return
				}
				if h := fact.Hash(&rec.Event); !f.known[h] {
					f.lacks[h], f.oldest = true, min(f.oldest, rec.Stored)
					continue
				}
				f.newest = max(f.newest, rec.Stored)
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// known are the events that facts know of.
func known(stored map[table.Key]table.Item) map[uint32]bool {
	out := map[uint32]bool{}
	for _, item := range stored {
		f, err := fact.Decode(item.Value)
		if err != nil { // compare says so
			continue
		}
		for h := range f.Known() {
			out[h] = true
		}
	}
	return out
}

var seed = maphash.MakeSeed()

// sum is another one if any record is.
func sum(stored map[table.Key]table.Item) (n uint64) {
	for _, item := range stored {
		n ^= maphash.Bytes(seed, item.Pack(nil))
	}
	return n
}
