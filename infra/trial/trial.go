// Package trial is the whole system for tests: the template's functions behind the
// gateway, on embedded storage, with a clock that stands still. In: events and HTTP
// requests. Out: the answers, of a system in which everything accepted so far is
// folded. It knows no report.
package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/queue"
	"chatreports/infra/local/stack"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/journal"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// System is one system with one tenant.
type System struct {
	Journal embedded.FeedTable
	State   table.Table
	// Files are those of jobs, which are made at once; the clock is then two seconds on, since
	// no job is called completed in its first.
	Files *directory.Store
	// Accepted are the events taken in so far, each once, in the order of storing.
	Accepted []event.Event

	tenant  string
	db      *embedded.DB
	folder  *fold.Folder
	gateway http.Handler
	queue   *queue.Queue
	worker  queue.Call
	ahead   atomic.Int64 // of the real clock, in nanoseconds
	log     *log
}

// log is what the system says, which goes nowhere unless somebody asks for it.
type log struct {
	mu sync.Mutex
	to io.Writer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// LogTo has the log go somewhere from now on.
func (s *System) LogTo(w io.Writer) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.to = w
}

// template is read once: it is the same for all.
var template = sync.OnceValues(stack.Deployed)

// Open makes a system in an empty directory. It is now for ever.
func Open(dir string, now time.Time, who tenant.Entry) (*System, error) {
	description, err := template()
	if err != nil {
		return nil, err
	}
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		return nil, err
	}
	files, err := directory.Open(filepath.Join(dir, "files"), time.Now, directory.NoSync)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &System{Files: files, queue: queue.New(0), Journal: db.FeedTable("journal"), State: table.Divide(db.Table("state")), tenant: who.Tenant.ID, db: db, log: &log{to: io.Discard}}
	clock := func() time.Time { return now }
	s.folder = fold.New(s.Journal, s.State, clock)
	logger := slog.New(slog.NewJSONHandler(s.log, nil))
	functions, err := gateway.Build(description, function.Deps{
		Journal: s.Journal, State: db.Table("state"), Now: clock, Clock: s.realClock, Log: logger, Objects: files, Queue: s.queue,
	})
	if err == nil {
		err = tenant.Put(context.Background(), s.State, who)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, f := range functions {
		if len(f.Messages) > 0 {
			s.worker = f.Call
		}
	}
	s.gateway = gateway.New(functions, logger)
	return s, nil
}

func (s *System) realClock() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// Close frees what the system holds.
func (s *System) Close() error { return s.db.Close() }

// Send stores events as one batch and folds them.
func (s *System) Send(events []event.Event) error {
	if _, err := journal.New(s.Journal).Append(context.Background(), s.tenant, events, time.Now()); err != nil {
		return err
	}
	return s.fold()
}

// streamBatch is how many records of the feed are folded at once.
const streamBatch = 1000

// fold folds what the feed brings.
func (s *System) fold() error {
	ctx := context.Background()
	for {
		changes, err := s.Journal.Next(ctx, "0", streamBatch)
		if err != nil || len(changes) == 0 {
			return err
		}
		items := make([]table.Item, len(changes))
		for i := range changes {
			if items[i] = changes[i].Item; journal.IsNote(items[i]) {
				continue
			}
			record, err := journal.Decode(items[i])
			if err != nil {
				return err
			}
			s.Accepted = append(s.Accepted, record.Event)
		}
		failed, err := s.folder.Apply(ctx, items)
		if err != nil {
			return err
		}
		for i, err := range failed {
			if err != nil {
				return fmt.Errorf("folding %s %s: %w", items[i].Part, items[i].Sort, err)
			}
		}
		if err := s.Journal.Acknowledge(ctx, "0", changes[len(changes)-1].Sequence); err != nil {
			return err
		}
	}
}

// Forget deletes the state's records of a part.
func (s *System) Forget(ctx context.Context, part string) error {
	for item, err := range s.State.Query(ctx, table.Range{Part: part}) {
		if err != nil {
			return err
		}
		if err := s.State.Write(ctx, table.Op{Verb: table.Delete, Item: item}); err != nil {
			return err
		}
	}
	return nil
}

// Merge takes the log into blocks.
func (s *System) Merge() error { return counter.Merge(context.Background(), s.State, s.tenant) }

// Request sends a request to the gateway, and folds what it brought.
func (s *System) Request(method, target string, header http.Header, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://localhost"+target, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	r.Header, r.RemoteAddr = header.Clone(), "127.0.0.1:1"
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	if err := s.fold(); err != nil {
		return nil, err
	}
	s.ahead.Add(int64(2 * time.Second))
	s.queue.Drain(context.Background(), s.worker)
	return w.Result(), nil
}
