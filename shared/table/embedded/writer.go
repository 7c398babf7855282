package embedded

import (
	"context"

	"go.etcd.io/bbolt"
)

// maxCommit is how many requests share one commit at most.
const maxCommit = 256

// request is one caller's wish to change the file.
type request struct {
	// apply makes the changes. It checks its conditions before it changes
	// anything and keeps their failure to itself, so that an error means that the
	// file or disk is broken and the whole commit must be given up.
	apply func(*bbolt.Tx) error
	done  chan error
}

// submit hands apply to the writer and returns once it is on disk. A caller whose
// context ends while it waits in line leaves the line; one already taken up waits
// for the outcome.
func (db *DB) submit(ctx context.Context, apply func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{apply: apply, done: make(chan error, 1)}
	db.mu.RLock()
	if db.closed {
		db.mu.RUnlock()
		return ErrClosed
	}
	select {
	case db.requests <- r:
		db.mu.RUnlock()
	case <-ctx.Done():
		db.mu.RUnlock()
		return ctx.Err()
	}
	return <-r.done
}

// write is the one writer. Requests that arrive while a commit is being synced
// wait in the channel and make up the next commit together.
func (db *DB) write() {
	defer close(db.done)
	group := make([]*request, 0, maxCommit)
	for first := range db.requests {
		group = append(group[:0], first)
	fill:
		for len(group) < maxCommit {
			select {
			case r, ok := <-db.requests:
				if !ok {
					break fill
				}
				group = append(group, r)
			default:
				break fill
			}
		}
		err := db.bolt.Update(func(tx *bbolt.Tx) error {
			for _, r := range group {
				if err := r.apply(tx); err != nil {
					return err
				}
			}
			return nil
		})
		db.commits.Add(1)
		db.last.Store(&err)
		for _, r := range group {
			r.done <- err
		}
	}
}

// LastWrite is what became of the last write: nil if it is on disk, or if there was
// none since Open.
func (db *DB) LastWrite() error {
	if err := db.last.Load(); err != nil {
		return *err
	}
	return nil
}
