package main

import (
	"cmp"
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
	"chatreports/infra/verify/running"
	"chatreports/shared/admission"
	"chatreports/shared/function"
	"chatreports/shared/table"
)

// How long a shutdown waits for requests under way, and for the stream to run dry.
// What is left then is delivered at the next start.
const (
	finishRequests = 10 * time.Second
	finishStream   = 10 * time.Second
)

// system is the template's functions on an engine.
type system struct {
	*engine
	stack     stack.Stack
	data      string // the data directory, if there is one
	deps      function.Deps
	functions map[string]gateway.Function // by logical id
	pumps     []*pump
	jobs      *jobs
	console   *console // nil: nobody is told of jobs
	draining  chan struct{}
	demo      demoState
	live      bool // the demo goes on with the clock
	progress  *progress
	log       *slog.Logger
}

// open opens the engine and builds every function of the template.
func open(ctx context.Context, o options, s stack.Stack, log *slog.Logger) (*system, error) {
	var e *engine
	var err error
	if o.engine == engineAWS {
		e, err = onServers(ctx, o.stack, &s)
	} else {
		e, err = inDirectory(o.data, &s)
	}
	if err != nil {
		return nil, err
	}
	sys := &system{engine: e, stack: s, data: o.data, draining: make(chan struct{}), progress: newProgress(), log: log}
	if err := sys.build(o); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return sys, nil
}

func (sys *system) build(o options) error {
	sys.deps.Journal, sys.deps.State = sys.engine.journal, table.Divide(sys.engine.state)
	sys.deps.Objects, sys.deps.Failures = sys.objects, sys.failures
	sys.deps.Now, sys.deps.Clock, sys.deps.Log = o.clock(), time.Now, sys.log
	sys.deps.Reports = admission.New(function.ReportLimits)
	if o.demo {
		sys.deps.DemoSecret = demoSecret
	}
	sys.jobs = newJobs(sys.objects, &sys.stack)
	sys.deps.Queue = sys.jobs.queue
	undivided := sys.deps
	undivided.State = sys.engine.state
	var err error
	if sys.functions, err = gateway.Build(sys.stack, undivided); err != nil {
		return err
	}
	sys.jobs.attach(sys.functions, sys.settle)
	for _, f := range sys.stack.Functions {
		for _, st := range f.Streams {
			if st.Parallel = cmp.Or(o.parallel, st.Parallel); f.Tables[function.JournalTable] != st.Table {
				return fmt.Errorf("%s: the local system delivers changes of the journal, not of %s", f.Name, st.Table)
			}
			p := &pump{Stream: st, feed: sys.changes, function: sys.functions[f.Name], log: sys.log, draining: sys.draining}
			if st.Failures != "" {
				p.failures = sys.failures
			}
			sys.pumps = append(sys.pumps, p)
		}
	}
	return nil
}

func (sys *system) gateway() *gateway.Gateway { return gateway.New(sys.functions, sys.log) }

// serve answers at the port from now on. Once the system is prepared it answers
// requests, delivers changes and keeps schedules until ctx ends; then it finishes what
// was accepted. ready is called once requests are answered.
func (sys *system) serve(ctx context.Context, listener net.Listener, prepare func() error, ready func()) error {
	front := &front{progress: sys.progress, lastWrite: sys.lastWrite, files: sys.links}
	server := &http.Server{
		Handler: front, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(sys.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if err := prepare(); err != nil {
		if err = errors.Join(err, server.Close(), sys.close()); ctx.Err() != nil {
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
	if sys.db != nil { // nobody else can open it
		schedules.Go(func() {
			if err := running.Serve(scheduling, sys.data, sys.deps.Journal, sys.deps.State, sys.objects); err != nil {
				sys.log.Error("tools such as verify cannot look in while this runs", "error", err)
			}
		})
	}
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
	return errors.Join(err, sys.close())
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

// expire deletes what DynamoDB and S3 would delete by themselves: records of a data directory,
// and files anywhere, for a server may have no rules for them. There may be many files, so they
// are looked through now and then only.
func (sys *system) expire(ctx context.Context) {
	const atOnce = 1000
	var looked time.Time
	for ctx.Err() == nil {
		n, err := 0, error(nil)
		if sys.db != nil {
			n, err = sys.db.Expire(ctx, sys.expired(), atOnce)
		}
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

// expired is up to which moment records have expired. Some say when by the business's clock, and
// where that stands in the past, what it has not reached is still there.
func (sys *system) expired() time.Time {
	now, present := time.Now(), sys.deps.Now()
	if present.Before(now) {
		return present
	}
	return now
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
