// Package storage opens what a system keeps, for the tools beside it: the local system's,
// in a data directory, or what the environment names on AWS. In: the directory or the
// environment. Out: the tables, and the store of what could not be folded.
package storage

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/function"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/object/s3"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
)

// Tables opens the journal and the state of a data directory or, without one, those that
// $JOURNAL_TABLE and $STATE_TABLE name. The error is embedded.ErrInUse where a local system
// runs on the directory.
func Tables(ctx context.Context, data string, getenv func(string) string) (journal, state table.Table, done func(), err error) {
	journal, state, done, err = Undivided(ctx, data, getenv)
	if err != nil {
		return nil, nil, nil, err
	}
	return journal, table.Divide(state), done, nil
}

// Undivided opens the same tables as their engines hold them: parts of large values are
// records like any other.
func Undivided(ctx context.Context, data string, getenv func(string) string) (journal, state table.Table, done func(), err error) {
	if data != "" {
		return local(data)
	}
	names := [2]string{getenv(function.JournalTable), getenv(function.StateTable)}
	if err := Named(data, getenv, function.JournalTable, function.StateTable); err != nil {
		return nil, nil, nil, err
	}
	client, err := dynamo.Client(ctx)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("connecting to DynamoDB: %w", err)
	}
	return dynamo.New(client, names[0]), dynamo.New(client, names[1]), func() {}, nil
}

// Named says which names a tool lacks that works without a data directory, all at once.
func Named(data string, getenv func(string) string, names ...string) error {
	if data != "" {
		return nil
	}
	names = slices.DeleteFunc(names, func(name string) bool { return getenv(name) != "" })
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("there is neither --data nor $%s in the environment; the stack's output Environment has them", strings.Join(names, ", $"))
}

// local opens the tables of the local system, which has the names of the template.
func local(data string) (journal, state table.Table, done func(), err error) {
	if _, err := os.Stat(filepath.Join(filepath.Clean(data), embedded.FileName)); err != nil {
		return nil, nil, nil, fmt.Errorf("%s is no data directory of the local system: %w", data, err)
	}
	names, err := LocalNames()
	if err != nil {
		return nil, nil, nil, err
	}
	db, err := embedded.Open(data)
	if err != nil {
		return nil, nil, nil, err
	}
	return db.FeedTable(names[function.JournalTable]), db.Table(names[function.StateTable]), func() { _ = db.Close() }, nil
}

// LocalNames are the names of the local system's tables by the variables that name them.
func LocalNames() (map[string]string, error) {
	s, err := stack.Deployed()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, f := range s.Functions {
		maps.Copy(names, f.Tables)
	}
	return names, nil
}

// Failures opens where fold sets aside what it cannot fold: a folder of a data directory or,
// without one, the bucket that $FAILURE_BUCKET names.
func Failures(ctx context.Context, data string, getenv func(string) string) (object.Store, error) {
	if data != "" {
		return directory.Open(filepath.Join(data, "failures"), time.Now)
	}
	bucket := getenv(function.FailureBucket)
	if err := Named(data, getenv, function.FailureBucket); err != nil {
		return nil, err
	}
	return s3.Bucket(ctx, bucket)
}

// Files is where the local system keeps objects.
func Files(data string) string { return filepath.Join(data, "files") }

// Objects opens the objects of a data directory, also while a local system runs on it, or,
// without one, those of the bucket that $OBJECT_BUCKET names.
func Objects(ctx context.Context, data string, getenv func(string) string) (object.Store, error) {
	if data != "" {
		if _, err := os.Stat(filepath.Join(filepath.Clean(data), embedded.FileName)); err != nil {
			return nil, fmt.Errorf("%s is no data directory of the local system: %w", data, err)
		}
		return directory.Open(Files(data), time.Now)
	}
	bucket := getenv(function.ObjectBucket)
	if err := Named(data, getenv, function.ObjectBucket); err != nil {
		return nil, err
	}
	return s3.Bucket(ctx, bucket)
}
