package embedded

import (
	"bytes"
	"context"
	"iter"
	"sync"

	"go.etcd.io/bbolt"

	"chatreports/shared/table"
)

// How much of a range one read transaction copies at most. Between two of them
// none is open, so a slow consumer holds nothing up.
const (
	pageItems = 256
	pageBytes = 1 << 20
)

// Table is one table of a DB. It implements table.Table.
type Table struct {
	db     *DB
	name   string
	bucket []byte
	feed   bool  // make a change feed if there is none
	bulk   *Bulk // nil: each call is on its own
	meter  table.Meter
}

var _ table.Table = (*Table)(nil)

// Table returns the table of that name, which comes into being with its first
// record. Names hold no control characters.
func (db *DB) Table(name string) *Table {
	return &Table{db: db, name: name, bucket: []byte("table:" + name)}
}

func (t *Table) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if t.bulk != nil {
		return t.bulk.use(ctx, fn)
	}
	return t.db.view(ctx, fn)
}

func (t *Table) submit(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if t.bulk != nil {
		return t.bulk.change(ctx, fn)
	}
	return t.db.submit(ctx, fn)
}

// Usage counts the calls so far: a read transaction or a commit each.
func (t *Table) Usage() table.Usage { return t.meter.Usage() }

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	for _, k := range keys {
		if err := table.CheckKey(k); err != nil {
			return nil, err
		}
	}
	items := make([]table.Item, len(keys))
	t.meter.Add(table.Usage{Reads: 1})
	err := t.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(t.bucket)
		for i, k := range keys {
			items[i].Key = k
			if i%pageItems == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if b == nil {
				continue
			}
			if raw := b.Get(encodeKey(k)); raw != nil {
				var err error
				if items[i], err = decodeItem(k, raw); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Query implements table.Table.
func (t *Table) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		if err := table.CheckRange(r); err != nil {
			yield(table.Item{}, err)
			return
		}
		if r.Empty() {
			return
		}
		s := span{
			from:    encodeKey(table.Key{Part: r.Part, Sort: r.From}),
			to:      append([]byte(r.Part), 1), // beyond all of the part
			reverse: r.Reverse,
		}
		if r.To != "" {
			s.to = encodeKey(table.Key{Part: r.Part, Sort: r.To})
		}
		t.walk(ctx, s, r.Limit, yield)
	}
}

// Scan implements table.Table.
func (t *Table) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		s := span{from: []byte(prefix)}
		if prefix != "" {
			if err := table.CheckPart(prefix); err != nil {
				yield(table.Item{}, err)
				return
			}
			s.to = append([]byte(prefix), 0xff) // no UTF-8 has this byte
		}
		t.walk(ctx, s, 0, yield)
	}
}

// span is the keys with from <= key < to; no to is open.
type span struct {
	from, to []byte
	reverse  bool
}

// pages are what records are read into, when they are not in use: most reads are small, and
// there are many.
var pages = sync.Pool{New: func() any { return new([]table.Item) }}

// walk yields the records of a span, a page per read transaction.
func (t *Table) walk(ctx context.Context, s span, limit int, yield func(table.Item, error) bool) {
	items := pages.Get().(*[]table.Item)
	defer func() {
		clear(*items) // the records are the readers'
		pages.Put(items)
	}()
	for more := true; more; {
		t.meter.Add(table.Usage{Reads: 1})
		err := t.view(ctx, func(tx *bbolt.Tx) error {
			var err error
			*items, more, err = page(tx.Bucket(t.bucket), &s, limit, (*items)[:0])
			return err
		})
		if err != nil {
			yield(table.Item{}, err)
			return
		}
		for i := range *items {
			if err := ctx.Err(); err != nil {
				yield(table.Item{}, err)
				return
			}
			if !yield((*items)[i], nil) {
				return
			}
			if limit == 1 {
				return
			}
			limit = max(limit-1, 0)
		}
		clear(*items)
	}
}

// page appends records from the beginning of s, takes them off s, and says
// whether there may be more.
func page(b *bbolt.Bucket, s *span, limit int, items []table.Item) (_ []table.Item, more bool, err error) {
	if b == nil {
		return items, false, nil
	}
	n := pageItems
	if limit > 0 {
		n = min(n, limit)
	}
	c := b.Cursor()
	k, v := s.first(c)
	var last []byte // the key taken last; it is valid as long as the transaction
	var part string
	for size := 0; k != nil && s.has(k); k, v = s.next(c) {
		if more = len(items) == n || size > pageBytes; more {
			break
		}
		key := decodeKey(k, part)
		item, err := decodeItem(key, v)
		if err != nil {
			return items, false, err
		}
		items = append(items, item)
		size += len(k) + len(v)
		last, part = k, key.Part
	}
	switch {
	case !more:
	case s.reverse:
		s.to = bytes.Clone(last)
	default:
		s.from = after(last)
	}
	return items, more, nil
}

func (s *span) first(c *bbolt.Cursor) (k, v []byte) {
	switch {
	case !s.reverse:
		return c.Seek(s.from)
	case s.to == nil:
		return c.Last()
	}
	if k, _ = c.Seek(s.to); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (s *span) next(c *bbolt.Cursor) (k, v []byte) {
	if s.reverse {
		return c.Prev()
	}
	return c.Next()
}

// has says whether a key is in the span, of which the cursor has not left the end that it
// began at.
func (s *span) has(k []byte) bool {
	if s.reverse {
		return bytes.Compare(k, s.from) >= 0
	}
	return s.to == nil || bytes.Compare(k, s.to) < 0
}
