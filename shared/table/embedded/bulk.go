package embedded

import (
	"context"
	"errors"
	"sync"

	"go.etcd.io/bbolt"
)

// Bulk makes many writes one: whatever is done on its tables within one Do is on disk
// when Do returns, all of it or nothing. A commit costs more than what is in it, so this
// is how much is stored at once. Its tables work as all others do, reads see what was
// written before, and nothing of it comes into a change feed: whoever stores in bulk does
// at once what the feed is for.
type Bulk struct {
	db *DB

	mu     sync.Mutex
	tx     *bbolt.Tx // nil outside Do
	failed error     // what was half done and must not be committed
}

// Bulk returns one. While its Do runs, writes by other ways wait: within Do they would
// wait for ever.
func (db *DB) Bulk() *Bulk { return &Bulk{db: db} }

// Table returns the table of that name, for use within Do.
func (b *Bulk) Table(name string) *Table {
	t := b.db.Table(name)
	t.bulk = b
	return t
}

// Do runs fn and commits, or if fn fails takes back what it did.
func (b *Bulk) Do(fn func() error) error {
	var own error // not of the storage
	err := b.db.bolt.Update(func(tx *bbolt.Tx) error {
		b.set(tx)
		defer b.set(nil)
		own = fn()
		return errors.Join(own, b.failed)
	})
	if own == nil {
		b.db.last.Store(&err)
	}
	return err
}

func (b *Bulk) set(tx *bbolt.Tx) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tx, b.failed = tx, nil
}

// use runs fn in the transaction.
func (b *Bulk) use(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tx == nil {
		return errors.New("embedded: a table of a bulk is used outside its Do")
	}
	return fn(b.tx)
}

// change runs fn, which changes things.
func (b *Bulk) change(ctx context.Context, fn func(*bbolt.Tx) error) error {
	return b.use(ctx, func(tx *bbolt.Tx) error {
		err := fn(tx)
		if err != nil {
			b.failed = err
		}
		return err
	})
}
