// Package object is the port through which files are kept: what was written comes to be
// as a whole or not at all, and can be fetched by a link without a key. In: a key and
// bytes as they come. Out: the same bytes, a listing, a link. It knows neither what is in
// an object nor who asks for it.
//
// Two engines stand behind it: object/s3 and object/directory. The contract tests in
// object/objecttest run against both.
//
// The port is our own, over the plain SDK, and not gocloud.dev/blob: a function with that
// is 23 MB and takes 6 to 7 ms to start, with the SDK alone 11 MB and 5 to 6 ms, and it
// neither ends the uploads that a killed process began nor says that links end with 403.
package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"time"
)

// ErrNone says that there is no such object.
var ErrNone = errors.New("object: there is none under this key")

// ErrEnded says that an upload was ended by somebody else: see Store.Abandon.
var ErrEnded = errors.New("object: the upload was ended")

// Info is what a listing says of an object.
type Info struct {
	Key      string
	Bytes    int64
	Modified time.Time
}

// Store keeps objects. A key is one or more names with / between them: see Check. Its end
// says what is in the object: see ContentType and ContentEncoding.
// None goes on where another ends, as a/b and a/b/c. All methods may be called concurrently.
type Store interface {
	// Create begins an object. It is there once Commit has returned without an error, and
	// replaces what was there before.
	Create(ctx context.Context, key string) (Upload, error)
	// Open reads an object, or returns ErrNone.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes an object; to remove what is not there is no error.
	Delete(ctx context.Context, key string) error
	// List yields the objects whose keys begin with a prefix, by key, bytewise. On failure
	// it yields a zero Info with the error and ends.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Abandon ends the uploads under way to keys that begin with a prefix, whoever began
	// them, and frees what they hold. Their Commit then returns an error.
	Abandon(ctx context.Context, prefix string) error
	// Link is where the object can be fetched without a key for some time, under a file
	// name; afterwards, or if anything in it is changed, the answer is 403. A link without
	// a host is of the server that was asked for it.
	Link(ctx context.Context, key, name string, good time.Duration) (string, error)
}

// Upload takes an object's bytes. Its memory does not grow with them.
type Upload interface {
	io.Writer
	// Commit makes the object appear, whole. An error that is ErrEnded says that it will
	// not; after any other it may be there.
	Commit() error
	// Abort gives it up, and leaves nothing; after Commit it does nothing.
	Abort()
}

// types are those of files by the end of their names.
var types = map[string]string{
	".zip":     "application/zip",
	".csv":     "text/csv; charset=utf-8",
	".json":    "application/json",
	".jsonl":   "application/jsonl",
	".parquet": "application/vnd.apache.parquet",
}

// ContentType is what kind of file an object is, by its key.
func ContentType(key string) string {
	if t, ok := types[path.Ext(strings.TrimSuffix(key, compressed))]; ok {
		return t
	}
	return "application/octet-stream"
}

// compressed ends the keys of objects that hold a file compressed, on its way to whoever
// fetches it, who has it as it was.
const compressed = ".gz"

// ContentEncoding is how the bytes of an object are compressed, by its key; empty: not.
func ContentEncoding(key string) string {
	if strings.HasSuffix(key, compressed) {
		return "gzip"
	}
	return ""
}

// maxName is how long each of the names may be that a key consists of, in bytes. They have
// the same form in a file's path, a bucket and a URL.
const maxName = 200

// maxKey is how long a key may be, in bytes: S3's limit.
const maxKey = 1024

// Check refuses a key that an engine could not keep.
func Check(key string) error {
	if len(key) > maxKey {
		return fmt.Errorf("object: the key is longer than %d bytes", maxKey)
	}
	for name := range strings.SplitSeq(key, "/") {
		if name == "" || len(name) > maxName || strings.ContainsFunc(name, foreign) || name == "." || name == ".." {
			return fmt.Errorf("object: the key has the name %q; a name is 1 to 200 of A-Z a-z 0-9 _ . = -", name)
		}
	}
	return nil
}

// foreign says whether a character may not be in a name.
func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.=-", r)
}

// Put makes an object of what write writes, or nothing if that fails.
func Put(ctx context.Context, s Store, key string, write func(io.Writer) error) error {
	u, err := s.Create(ctx, key)
	if err != nil {
		return err
	}
	defer u.Abort()
	if err := write(u); err != nil {
		return err
	}
	return u.Commit()
}
