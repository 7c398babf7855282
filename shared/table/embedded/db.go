// Package embedded keeps tables in one file on disk, with bbolt underneath: for
// a laptop, the tests and a small single node. Every acknowledged write is on
// disk (fsync) before its call returns; writes that are under way at the same
// moment share one commit. In and out go the records of package table; it knows
// nothing of what is in them.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// FileName is the name of the one file in the directory given to Open.
const FileName = "tables.bolt"

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = 300 * time.Millisecond

// mapBytes is how much address space the file is given at first. Growing beyond
// it waits for all readers, so it is generous: address space costs nothing.
const mapBytes = 1 << 30

var (
	// ErrInUse is returned by Open when another process has the directory open.
	ErrInUse = errors.New("embedded: the data directory is in use by another process")
	// ErrClosed is returned by every call after Close.
	ErrClosed = errors.New("embedded: the database is closed")
)

// Option changes how Open opens.
type Option func(*bbolt.Options)

// NoSync leaves out fsync: for tests only, since a power cut may then lose or
// damage the file.
func NoSync(o *bbolt.Options) { o.NoSync = true; o.NoGrowSync = true }

// DB is an open directory. One process at a time may have it open.
type DB struct {
	bolt     *bbolt.DB
	requests chan *request
	done     chan struct{} // closed when the writer has ended
	commits  atomic.Int64  // made so far
	last     atomic.Pointer[error]

	mu      sync.RWMutex // guards closed, and requests against being closed
	closed  bool
	changed sync.Map // table name → chan struct{}
}

// Open opens the directory, creating what is missing. If another process has it
// open, it returns ErrInUse within a second.
func Open(dir string, options ...Option) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded: creating the data directory: %w", err)
	}
	opts := &bbolt.Options{
		Timeout:         lockWait,
		FreelistType:    bbolt.FreelistMapType,
		NoFreelistSync:  true, // found again on open, by reading the tree
		InitialMmapSize: mapBytes,
	}
	for _, o := range options {
		o(opts)
	}
	path := filepath.Join(dir, FileName)
	bolt, err := bbolt.Open(path, 0o600, opts)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded: opening %s: %w", path, err)
	}
	if err := syncDir(dir); err != nil {
		return nil, fmt.Errorf("embedded: syncing %s: %w", dir, errors.Join(err, bolt.Close()))
	}
	db := &DB{bolt: bolt, requests: make(chan *request, 256), done: make(chan struct{})}
	go db.write()
	return db, nil
}

// Close waits for the writes under way and closes the file.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	close(db.requests)
	db.mu.Unlock()
	<-db.done
	return db.bolt.Close()
}

// view runs fn in a read transaction. fn must be quick: while it runs, pages that
// writers free cannot be used again.
func (db *DB) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := db.bolt.View(fn)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// syncDir makes a file just created in dir survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
