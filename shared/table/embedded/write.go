package embedded

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"chatreports/shared/table"
)

// How much of one PutEach goes into one request at most.
const (
	eachOps   = 1000
	eachBytes = 8 << 20
)

var expiryBucket = []byte("expiry")

// Write implements table.Table.
func (t *Table) Write(ctx context.Context, ops ...table.Op) error {
	if err := table.CheckWrite(ops); err != nil {
		return err
	}
	if len(ops) == 0 {
		return ctx.Err()
	}
	t.meter.Add(table.Usage{Writes: 1})
	var conflict *table.ConflictError
	err := t.submit(ctx, func(tx *bbolt.Tx) error {
		conflict = nil
		w, err := t.begin(tx)
		if err != nil {
			return err
		}
		var failed []int
		for i := range ops {
			ok, err := w.holds(&ops[i])
			if err != nil {
				return err
			}
			if !ok {
				failed = append(failed, i)
			}
		}
		if failed != nil {
			conflict = &table.ConflictError{Failed: failed}
			return nil
		}
		for i := range ops {
			if err := w.do(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("embedded: writing %d operations: %w", len(ops), err)
	case conflict != nil:
		return conflict
	}
	t.wake()
	return nil
}

// PutEach implements table.Table.
func (t *Table) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	if err := table.CheckEach(ops); err != nil {
		return nil, err
	}
	stood := make([]*table.Item, len(ops))
	for from := 0; from < len(ops); {
		to, size := from, 0
		for to < len(ops) && to-from < eachOps && size < eachBytes {
			size += ops[to].Item.Size()
			to++
		}
		if err := t.putEach(ctx, ops[from:to], stood[from:to]); err != nil {
			return nil, fmt.Errorf("embedded: putting %d records: %w", len(ops), err)
		}
		t.wake()
		from = to
	}
	return stood, nil
}

func (t *Table) putEach(ctx context.Context, ops []table.Op, stood []*table.Item) error {
	t.meter.Add(table.Usage{Writes: 1})
	return t.submit(ctx, func(tx *bbolt.Tx) error {
		w, err := t.begin(tx)
		if err != nil {
			return err
		}
		for i := range ops {
			ok, err := w.holds(&ops[i])
			if err != nil {
				return err
			}
			if ok {
				stood[i], err = nil, w.do(&ops[i])
			} else {
				stood[i], err = w.stored(ops[i].Item.Key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// writing is a table within a write transaction.
type writing struct {
	name                string
	items, feed, expiry *bbolt.Bucket // feed is nil if the table has none
}

func (t *Table) begin(tx *bbolt.Tx) (w writing, err error) {
	w.name = t.name
	if w.items, err = tx.CreateBucketIfNotExists(t.bucket); err != nil {
		return w, err
	}
	if w.expiry, err = tx.CreateBucketIfNotExists(expiryBucket); err != nil {
		return w, err
	}
	if t.bulk != nil {
		return w, nil
	}
	// Once a table has a feed, every write is in it, through whichever handle.
	w.feed = tx.Bucket(feedBucket(t.name))
	if w.feed == nil && t.feed {
		w.feed, err = tx.CreateBucketIfNotExists(feedBucket(t.name))
	}
	if w.feed != nil {
		w.feed.FillPercent = 0.9 // only ever appended to
	}
	return w, err
}

// holds says whether the condition of op holds.
func (w *writing) holds(op *table.Op) (bool, error) {
	if op.If.IsAlways() {
		return true, nil
	}
	raw := w.items.Get(encodeKey(op.Item.Key))
	if op.If.IsAbsent() {
		return raw == nil, nil
	}
	if raw == nil {
		return false, nil
	}
	version, _, _, err := decodeHead(raw)
	want, _ := op.If.IsVersion()
	return version == want, err
}

// stored is the record of a key, with Version 0 if there is none.
func (w *writing) stored(k table.Key) (*table.Item, error) {
	raw := w.items.Get(encodeKey(k))
	if raw == nil {
		return &table.Item{Key: k}, nil
	}
	item, err := decodeItem(k, raw)
	return &item, err
}

// do applies op, whatever its condition.
func (w *writing) do(op *table.Op) error {
	if op.Verb == table.Check {
		return nil
	}
	key := encodeKey(op.Item.Key)
	if err := w.forget(key, op.Item.Expires); err != nil {
		return err
	}
	if op.Verb == table.Delete {
		return w.items.Delete(key)
	}
	value := encodeValue(&op.Item)
	if err := w.items.Put(key, value); err != nil {
		return err
	}
	if op.Item.Expires != 0 {
		if err := w.expiry.Put(expiryKey(op.Item.Expires, w.name, key), nil); err != nil {
			return err
		}
	}
	if w.feed == nil {
		return nil
	}
	return appendChange(w.feed, key, value)
}

// forget takes the stored record's expiry out of the index, unless it is next.
func (w *writing) forget(key []byte, next int64) error {
	raw := w.items.Get(key)
	if raw == nil {
		return nil
	}
	_, expires, _, err := decodeHead(raw)
	if err != nil || expires == 0 || expires == next {
		return err
	}
	return w.expiry.Delete(expiryKey(expires, w.name, key))
}
