package embedded

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"

	"chatreports/shared/table"
)

// shard is the name of the only shard of a feed.
const shard = "0"

func feedBucket(name string) []byte { return []byte("feed:" + name) }

// FeedTable is a table with a change feed of one shard: every put is appended to
// it in the same commit, and an acknowledged change is deleted. It implements
// table.Feed.
type FeedTable struct{ *Table }

var _ table.Feed = FeedTable{}

// FeedTable returns the table of that name and gives it a change feed, which from
// then on takes every put made through any handle on the table. Records written
// before have no change in it.
func (db *DB) FeedTable(name string) FeedTable {
	t := db.Table(name)
	t.feed = true
	return FeedTable{t}
}

// Changed receives after puts, so that one poller need not ask in vain: receive,
// then call Next until it returns nothing. Several puts may wake it once.
func (t FeedTable) Changed() <-chan struct{} { return t.db.changes(t.name) }

func (db *DB) changes(name string) chan struct{} {
	c, ok := db.changed.Load(name)
	if !ok {
		c, _ = db.changed.LoadOrStore(name, make(chan struct{}, 1))
	}
	return c.(chan struct{})
}

// wake wakes the poller of the table's feed, if there is one.
func (t *Table) wake() {
	select {
	case t.db.changes(t.name) <- struct{}{}:
	default:
	}
}

// Shards implements table.Feed.
func (t FeedTable) Shards(context.Context) ([]string, error) { return []string{shard}, nil }

// Next implements table.Feed.
func (t FeedTable) Next(ctx context.Context, of string, limit int) ([]table.Change, error) {
	if of != shard {
		return nil, fmt.Errorf("embedded: no shard %q, there is only %q", of, shard)
	}
	var changes []table.Change
	t.meter.Add(table.Usage{Reads: 1})
	err := t.db.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(feedBucket(t.name))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, v := c.First(); k != nil && len(changes) < limit; k, v = c.Next() {
			item, err := decodeChange(v)
			if err != nil {
				return err
			}
			changes = append(changes, table.Change{Shard: shard, Sequence: formatSequence(k), Item: item})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("embedded: reading the changes of %s: %w", t.name, err)
	}
	return changes, nil
}

// Pending is how many changes are not acknowledged: sequences have no gaps, and those
// acknowledged are the first.
func (t FeedTable) Pending(ctx context.Context) (n int, err error) {
	t.meter.Add(table.Usage{Reads: 1})
	err = t.db.view(ctx, func(tx *bbolt.Tx) error {
		if b := tx.Bucket(feedBucket(t.name)); b != nil {
			if first, _ := b.Cursor().First(); first != nil {
				n = int(b.Sequence() - binary.BigEndian.Uint64(first) + 1)
			}
		}
		return nil
	})
	return n, err
}

// Acknowledge implements table.Feed.
func (t FeedTable) Acknowledge(ctx context.Context, of, sequence string) error {
	n, err := strconv.ParseUint(sequence, 10, 64)
	if of != shard || err != nil {
		return fmt.Errorf("embedded: no change %q in shard %q", sequence, of)
	}
	t.meter.Add(table.Usage{Writes: 1})
	err = t.db.submit(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(feedBucket(t.name))
		if b == nil {
			return nil
		}
		var done [][]byte // a cursor must not be moved on while its bucket changes
		c := b.Cursor()
		for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) <= n; k, _ = c.Next() {
			done = append(done, k)
		}
		for _, k := range done {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("embedded: acknowledging changes of %s: %w", t.name, err)
	}
	return nil
}

// appendChange appends a put to a feed. The bucket's sequence is stored with it
// and is never given out twice, so a sequence names a change for good.
func appendChange(b *bbolt.Bucket, key, value []byte) error {
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	change := make([]byte, 0, binary.MaxVarintLen64+len(key)+len(value))
	change = binary.AppendUvarint(change, uint64(len(key)))
	change = append(change, key...)
	change = append(change, value...)
	return b.Put(binary.BigEndian.AppendUint64(nil, n), change)
}

func decodeChange(b []byte) (table.Item, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || uint64(len(b)-n) < size {
		return table.Item{}, fmt.Errorf("embedded: damaged change")
	}
	b = b[n:]
	return decodeItem(decodeKey(b[:size], ""), b[size:])
}

// formatSequence writes a sequence so that text order is number order.
func formatSequence(k []byte) string {
	return fmt.Sprintf("%020d", binary.BigEndian.Uint64(k))
}
