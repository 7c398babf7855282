package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"chatreports/shared/table"
)

// Expire deletes at most limit records, of all tables, whose Expires is before
// now, and returns how many: call it again while that is limit. DynamoDB does
// this by itself; here whoever runs the database calls it now and then. The feed
// does not show it.
func (db *DB) Expire(ctx context.Context, now time.Time, limit int) (deleted int, err error) {
	before := expiryKey(now.Unix(), "", nil)[:8]
	// A look first, so that a call with nothing to do costs no commit.
	var due bool
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		if b := tx.Bucket(expiryBucket); b != nil {
			k, _ := b.Cursor().First()
			due = k != nil && bytes.Compare(k[:8], before) < 0
		}
		return nil
	})
	if err == nil && due {
		err = db.submit(ctx, func(tx *bbolt.Tx) error {
			deleted, err = expire(tx, before, limit)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("embedded: deleting expired records: %w", err)
	}
	return deleted, nil
}

func expire(tx *bbolt.Tx, before []byte, limit int) (int, error) {
	index := tx.Bucket(expiryBucket)
	var due [][]byte
	c := index.Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k[:8], before) < 0 && len(due) < limit; k, _ = c.Next() {
		due = append(due, k)
	}
	for _, k := range due {
		name, key, _ := bytes.Cut(k[8:], []byte{0})
		if items := tx.Bucket(append([]byte("table:"), name...)); items != nil {
			if err := expireOne(items, key, int64(binary.BigEndian.Uint64(k)^1<<63)); err != nil {
				return 0, err
			}
		}
		if err := index.Delete(k); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// expireOne deletes a record if it still expires when the index says.
func expireOne(items *bbolt.Bucket, key []byte, expires int64) error {
	raw := items.Get(key)
	if raw == nil {
		return nil
	}
	_, stored, _, err := decodeHead(raw)
	if err != nil || stored != expires {
		return err
	}
	return items.Delete(key)
}

var _ table.Table = FeedTable{}
