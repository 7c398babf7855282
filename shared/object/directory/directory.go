// Package directory keeps objects as files in a directory, with links of its own: for one
// machine. A link is signed by a key that lies in the directory; Handler answers it.
//
// An upload under way is a file in the folder "uploads", an object one in "objects", where
// it is moved once it is whole and on disk.
package directory

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatreports/shared/object"
)

// Store is one directory.
type Store struct {
	objects, uploads string
	key              []byte // that links are signed with
	now              func() time.Time
	noSync           bool
}

var _ object.Store = (*Store)(nil)

// NoSync leaves out fsync: for tests only, since a power cut may then lose what was written.
func NoSync(s *Store) { s.noSync = true }

// Open opens a directory, or makes it. The clock is that of links and never stands still.
func Open(dir string, now func() time.Time, options ...func(*Store)) (*Store, error) {
	s := &Store{objects: filepath.Join(dir, "objects"), uploads: filepath.Join(dir, "uploads"), now: now}
	for _, option := range options {
		option(s)
	}
	for _, d := range []string{s.objects, s.uploads} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
	}
	var err error
	s.key, err = readKey(dir)
	return s, err
}

// uploadEnd ends the key in the name of an upload's file; it stands in no key.
const uploadEnd = "%"

// file is where the object of a key lies.
func (s *Store) file(key string) (string, error) {
	return filepath.Join(s.objects, filepath.FromSlash(key)), object.Check(key)
}

// Create implements object.Store.
func (s *Store) Create(ctx context.Context, key string) (object.Upload, error) {
	final, err := s.file(key)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(s.uploads, filepath.FromSlash(key)) + uploadEnd + rand.Text()
	var f *os.File
	err = within(name, func() (err error) {
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("directory: beginning to write %s: %w", key, err)
	}
	return &upload{ctx: ctx, File: f, store: s, final: final}, nil
}

// within makes the folder of a name and does something in it, again if the folder was
// empty and is deleted by somebody at this moment.
func within(name string, do func() error) error {
	const tries = 100
	for n := 1; ; n++ {
		err := cmp.Or(os.MkdirAll(filepath.Dir(name), 0o700), do())
		if n == tries || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// remove deletes a file, and the folders that are empty then, up to one that stays.
func remove(name, stays string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("directory: %w", err)
	}
	for d := filepath.Dir(name); d != stays && os.Remove(d) == nil; d = filepath.Dir(d) {
	}
	return nil
}

type upload struct {
	*os.File
	ctx   context.Context
	store *Store
	final string
	over  bool
}

// Write implements io.Writer.
func (u *upload) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.File.Write(p)
}

// Commit implements object.Upload.
func (u *upload) Commit() error {
	if err := cmp.Or(u.ctx.Err(), u.sync(), u.Close()); err != nil {
		return fmt.Errorf("directory: writing %s to disk: %w", u.final, err)
	}
	u.over = true
	made := missing(filepath.Dir(u.final))
	err := within(u.final, func() error {
		if _, err := os.Lstat(u.Name()); err != nil {
			return object.ErrEnded
		}
		return os.Rename(u.Name(), u.final)
	})
	if err != nil {
		return fmt.Errorf("directory: completing %s: %w", u.final, err)
	}
	err = remove(u.Name(), u.store.uploads)
	if !u.store.noSync {
		for _, folder := range append(made, filepath.Dir(u.final)) {
			err = errors.Join(err, syncFolder(folder))
		}
	}
	return err
}

func (u *upload) sync() error {
	if u.store.noSync {
		return nil
	}
	return u.File.Sync()
}

// missing are the folders that get an entry when a folder and those above it are made.
func missing(folder string) (in []string) {
	for {
		if _, err := os.Lstat(folder); err == nil || folder == filepath.Dir(folder) {
			return in
		}
		folder = filepath.Dir(folder)
		in = append(in, folder)
	}
}

// syncFolder makes what a folder lists last.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) { // what was in it is deleted already
		return nil
	}
	if err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// Abort implements object.Upload.
func (u *upload) Abort() {
	if u.over {
		return
	}
	u.over = true
	_ = u.Close()
	_ = remove(u.Name(), u.store.uploads)
}

// Open implements object.Store.
func (s *Store) Open(_ context.Context, key string) (io.ReadCloser, error) {
	name, err := s.file(key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, object.ErrNone
	}
	return f, err
}

// Delete implements object.Store.
func (s *Store) Delete(_ context.Context, key string) error {
	name, err := s.file(key)
	if err != nil {
		return err
	}
	return remove(name, s.objects)
}

// List implements object.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[object.Info, error] {
	return func(yield func(object.Info, error) bool) {
		var found []object.Info
		err := walk(ctx, s.objects, prefix, func(key, _ string, entry fs.DirEntry) error {
			info, err := entry.Info()
			if err == nil {
				found = append(found, object.Info{Key: key, Bytes: info.Size(), Modified: info.ModTime()})
			}
			return err
		})
		if err != nil {
			yield(object.Info{}, fmt.Errorf("directory: listing %s: %w", prefix, err))
			return
		}
		slices.SortFunc(found, func(a, b object.Info) int { return cmp.Compare(a.Key, b.Key) })
		for _, info := range found {
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Abandon implements object.Store.
func (s *Store) Abandon(ctx context.Context, prefix string) error {
	return walk(ctx, s.uploads, prefix, func(_, name string, _ fs.DirEntry) error { return remove(name, s.uploads) })
}

// walk finds the files below a folder whose keys begin with a prefix. What is deleted
// meanwhile may be left out.
func walk(ctx context.Context, top, prefix string, f func(key, name string, entry fs.DirEntry) error) error {
	from := filepath.Join(top, filepath.FromSlash(prefix[:strings.LastIndexByte(prefix, '/')+1]))
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			within, _ := filepath.Rel(top, name)
			if key, _, _ := strings.Cut(filepath.ToSlash(within), uploadEnd); strings.HasPrefix(key, prefix) {
				err = f(key, name, entry)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return cmp.Or(err, ctx.Err())
	})
}
