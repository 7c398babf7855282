package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/infra/storage"
	"chatreports/shared/dialect"
	"chatreports/shared/function"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/object/s3"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/dynamo/stream"
	"chatreports/shared/table/embedded"
	"chatreports/shared/web"
)

// engine keeps what a system has: its tables, and the objects of its buckets.
type engine struct {
	journal, state    table.Table // as the engine has them
	changes           feed        // of the journal
	objects, failures object.Store
	names             map[string]string // of tables and buckets, by the variables that functions find them in
	// db and links are of a data directory; nil: servers have it all.
	db    *embedded.DB
	links http.Handler // serves links to objects
}

func (e *engine) close() error {
	if e.db == nil {
		return nil
	}
	return e.db.Close()
}

// lastWrite is what became of it, as far as that is known.
func (e *engine) lastWrite() error {
	if e.db == nil {
		return nil
	}
	return e.db.LastWrite()
}

// logical are the names of tables and buckets in the template, by the variables that
// functions find them in.
func logical(s *stack.Stack) (map[string]string, error) {
	names := map[string]string{}
	for _, f := range s.Functions {
		maps.Copy(names, f.Tables)
		maps.Copy(names, f.Buckets)
	}
	for _, variable := range []string{function.JournalTable, function.StateTable, function.ObjectBucket, function.FailureBucket} {
		if names[variable] == "" {
			return nil, fmt.Errorf("the template names nothing in %s", variable)
		}
	}
	return names, nil
}

// inDirectory opens a data directory. Tables have the names of the template.
func inDirectory(data string, s *stack.Stack) (e *engine, err error) {
	names, err := logical(s)
	if err != nil {
		return nil, err
	}
	db, err := embedded.Open(data)
	if errors.Is(err, embedded.ErrInUse) {
		return nil, fmt.Errorf("the data directory %s is in use by another process; stop that one, or choose another with --data DIR", data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; choose another directory with --data DIR", err)
	}
	journal := db.FeedTable(names[function.JournalTable])
	e = &engine{journal: journal, changes: journal, state: db.Table(names[function.StateTable]), names: names, db: db}
	files, err := directory.Open(storage.Files(data), time.Now)
	if err == nil {
		e.failures, err = storage.Failures(context.Background(), data, nil)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	e.objects, e.links = files, linkHandler(files)
	return e, nil
}

// linkHandler serves files to whoever has a link.
func linkHandler(files *directory.Store) http.Handler {
	codes := map[int]string{http.StatusForbidden: "link_refused", http.StatusNotFound: "file_gone", http.StatusMethodNotAllowed: "method_not_allowed"}
	return files.Handler(func(w http.ResponseWriter, status int, why string) {
		web.Refuse(w, dialect.Ours, dialect.Refuse(status, codes[status], "%s", why))
	})
}

// onServers opens, or makes, tables and buckets on the servers of DynamoDB's and S3's protocols
// that the environment names, called as CloudFormation would call them in a stack.
//
// How far the journal's stream was delivered is kept in one more table beside them, as
// Kinesis' client library does. So it lives as long as the stream does: servers that are begun
// anew have neither, and a process on another machine goes on where this one ended.
func onServers(ctx context.Context, stackName string, s *stack.Stack) (e *engine, err error) {
	names, err := logical(s)
	if err != nil {
		return nil, err
	}
	client, err := dynamo.Client(ctx)
	if err != nil {
		return nil, err
	}
	for variable, name := range names {
		if t, ok := s.Table(name); ok {
			names[variable] = stackName + "-" + name
			if err := dynamo.Create(ctx, client, names[variable], t.Stream); err != nil {
				return nil, err
			}
		}
		if _, ok := s.Bucket(name); ok {
			names[variable] = stackName + "-" + strings.ToLower(name)
			if err := s3.Create(ctx, names[variable]); err != nil {
				return nil, err
			}
		}
	}
	checkpoints := stackName + "-Checkpoints"
	if err := dynamo.Create(ctx, client, checkpoints, false); err != nil {
		return nil, err
	}
	e = &engine{names: names}
	get := func(variable string) string { return names[variable] }
	if e.journal, e.state, _, err = storage.Undivided(ctx, "", get); err != nil {
		return nil, err
	}
	if e.objects, err = storage.Objects(ctx, "", get); err != nil {
		return nil, err
	}
	if e.failures, err = storage.Failures(ctx, "", get); err != nil {
		return nil, err
	}
	streams, err := stream.Client(ctx)
	if err != nil {
		return nil, err
	}
	e.changes = stream.New(client, streams, names[function.JournalTable], dynamo.New(client, checkpoints))
	return e, nil
}
