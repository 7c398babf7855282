package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/infra/storage"
	"chatreports/infra/verify/running"
	"chatreports/shared/admission"
	"chatreports/shared/function"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// How long a shutdown waits for requests under way, and for the stream to run dry.
// What is left then is delivered at the next start.
const (
	finishRequests = 10 * time.Second
	finishStream   = 10 * time.Second
)

// system is the template's functions on embedded storage.
type system struct {
	stack     stack.Stack
	db        *embedded.DB
	data      string // the data directory
	deps      function.Deps
	journal   embedded.FeedTable
	names     struct{ journal, state string } // of the tables
	functions map[string]gateway.Function     // by logical id
	pumps     []*pump
	jobs      *jobs
	console   *console // nil: nobody is told of jobs
	draining  chan struct{}
	demo      demoState
	live      bool // the demo goes on with the clock
	progress  *progress
	log       *slog.Logger
}

// open opens the data directory and builds every function of the template.
func open(o options, s stack.Stack, log *slog.Logger) (*system, error) {
	db, err := embedded.Open(o.data)
	if errors.Is(err, embedded.ErrInUse) {
		return nil, fmt.Errorf("the data directory %s is in use by another process; stop that one, or choose another with --data DIR", o.data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; choose another directory with --data DIR", err)
	}
	sys := &system{stack: s, db: db, data: o.data, draining: make(chan struct{}), progress: newProgress(), log: log}
	if err := sys.build(o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return sys, nil
}

func (sys *system) build(o options) error {
	// The tables as the fold has them: it is the one that knows both.
	for _, f := range sys.stack.Functions {
		if t, ok := sys.stack.Table(f.Tables[function.JournalTable]); ok && t.Stream {
			sys.names.journal, sys.journal = t.Name, sys.db.FeedTable(t.Name)
			sys.deps.Journal = sys.journal
		}
		if t, ok := sys.stack.Table(f.Tables[function.StateTable]); ok {
			sys.names.state, sys.deps.State = t.Name, table.Divide(sys.db.Table(t.Name))
		}
	}
	if sys.deps.Journal == nil || sys.deps.State == nil {
		return fmt.Errorf("the template names no table in %s or %s", function.JournalTable, function.StateTable)
	}
	sys.deps.Now, sys.deps.Clock, sys.deps.Log = o.clock(), time.Now, sys.log
	sys.deps.Reports = admission.New(function.ReportLimits)
	if o.demo {
		sys.deps.DemoSecret = demoSecret
	}
	var err error
	if sys.jobs, err = openJobs(o.data, &sys.stack); err != nil {
		return err
	}
	sys.deps.Objects, sys.deps.Queue = sys.jobs.files, sys.jobs.queue
	if sys.deps.Failures, err = storage.Failures(context.Background(), o.data, nil); err != nil {
		return err
	}
	undivided := sys.deps
	undivided.State = sys.db.Table(sys.names.state)
	if sys.functions, err = gateway.Build(sys.stack, undivided); err != nil {
		return err
	}
	sys.jobs.attach(sys.functions, sys.settle)
	for _, f := range sys.stack.Functions {
		for _, st := range f.Streams {
			sys.pumps = append(sys.pumps, &pump{
				Stream: st, feed: sys.db.FeedTable(st.Table), function: sys.functions[f.Name],
				log: sys.log, draining: sys.draining,
			})
		}
	}
	return nil
}

func (sys *system) gateway() *gateway.Gateway { return gateway.New(sys.functions, sys.log) }

// serve answers at the port from now on. Once the system is prepared it answers
// requests, delivers changes and keeps schedules until ctx ends; then it finishes what
// was accepted. ready is called once requests are answered.
func (sys *system) serve(ctx context.Context, listener net.Listener, prepare func() error, ready func()) error {
	front := &front{progress: sys.progress, lastWrite: sys.db.LastWrite, files: sys.jobs.handler()}
	server := &http.Server{
		Handler: front, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(sys.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if err := prepare(); err != nil {
		if err = errors.Join(err, server.Close(), sys.db.Close()); ctx.Err() != nil {
			return nil // asked to end while loading: nothing was accepted yet
		}
		return err
	}
	front.gateway.Store(sys.gateway())
	background, stop := context.WithCancel(context.Background())
	defer stop()
	var pumps, schedules sync.WaitGroup
	for _, p := range sys.pumps {
		pumps.Go(func() { p.run(background) })
	}
	scheduling, unschedule := context.WithCancel(background)
	defer unschedule()
	for _, f := range sys.stack.Functions {
		for _, s := range f.Schedules {
			schedules.Go(func() { sys.schedule(scheduling, sys.functions[f.Name], s) })
		}
	}
	for _, work := range sys.jobs.work {
		schedules.Go(func() { work(scheduling) })
	}
	if err := sys.jobs.resume(background, &sys.deps); err != nil {
		sys.log.Error("going on with jobs; they are made when lost ones are looked for", "error", err)
	}
	if sys.console != nil {
		schedules.Go(func() { sys.console.run(scheduling) })
	}
	schedules.Go(func() { sys.expire(scheduling) })
	schedules.Go(func() {
		if err := running.Serve(scheduling, sys.data, sys.deps.Journal, sys.deps.State, sys.jobs.files); err != nil {
			sys.log.Error("tools such as verify cannot look in while this runs", "error", err)
		}
	})
	if sys.live {
		schedules.Go(func() { sys.liveDemo(scheduling) })
	}

	go ready()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.Background(), finishRequests)
	defer cancel()
	if server.Shutdown(finish) != nil {
		_ = server.Close()
	}
	unschedule()
	close(sys.draining)
	time.AfterFunc(finishStream, stop)
	pumps.Wait()
	schedules.Wait()
	return errors.Join(err, sys.db.Close())
}

// schedule calls a function at its rate.
func (sys *system) schedule(ctx context.Context, h gateway.Function, s stack.Schedule) {
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-ticker.C:
			event := map[string]any{
				"version": "0", "id": fmt.Sprint(t.UnixNano()), "detail-type": "Scheduled Event", "source": "aws.events",
				"account": "000000000000", "region": "local", "time": t.UTC().Format(time.RFC3339),
				"resources": []string{"arn:aws:events:local:000000000000:rule/" + s.Name}, "detail": json.RawMessage("{}"),
			}
			if err := h.Call(ctx, event, nil); err != nil && ctx.Err() == nil {
				sys.log.Error("a scheduled function failed", "function", h.Name, "error", err)
			}
		}
	}
}

// expire deletes what DynamoDB and S3 would delete by themselves. There may be many files, so
// they are looked through now and then only.
func (sys *system) expire(ctx context.Context) {
	const atOnce = 1000
	var looked time.Time
	for ctx.Err() == nil {
		n, err := sys.db.Expire(ctx, time.Now(), atOnce)
		if err != nil && ctx.Err() == nil {
			sys.log.Error("deleting expired records", "error", err)
		}
		if now := time.Now(); now.Sub(looked) >= time.Hour {
			looked = now
			if err := sys.jobs.expire(ctx, now); err != nil && ctx.Err() == nil {
				sys.log.Error("deleting files that are kept no longer", "error", err)
			}
		}
		if n < atOnce {
			wait(ctx, time.Minute)
		}
	}
}

// listen opens the port, with an error that says what to change.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use; choose another address with --listen (port 0 picks a free one)", address)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", address, err)
	}
	return l, nil
}

func newLog(w io.Writer) *slog.Logger { return slog.New(newCalm(slog.NewTextHandler(w, nil))) }
