package job

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/table"
)

// Lease is how long a job is a worker's that says nothing any more. It is renewed five times
// as often.
const Lease = 15 * time.Second

const (
	// mostFailures is how often a job may fail; mostTries how often it may be tried: a
	// worker that is killed has not failed.
	mostFailures = 5
	mostTries    = 100
	// firstPause is that after the first failure; each further one is twice as long.
	firstPause = time.Second
	// notYetPause is how long a job waits that cannot be made as the system is, mostWaiting how
	// long after it was asked for it fails.
	notYetPause = 10 * time.Second
	mostWaiting = 24 * time.Hour
	// lastWords bounds what is stored after the context has ended.
	lastWords = 5 * time.Second
	// overdue is when a job is swept up that nobody was told of, or that somebody gave up.
	overdue = 30 * time.Second
)

// Made is what a worker made.
type Made struct {
	Rows         int64
	CountedUntil time.Time
}

// Worker makes jobs. Many may work at once, in any number of processes.
type Worker struct {
	State   table.Table
	Objects object.Store
	// Make writes what a job is for, and says from time to time how far it is.
	Make func(ctx context.Context, j *Job, w io.Writer, progress func(Progress)) (Made, error)
	// Now is the clock of leases; it never stands still.
	Now func() time.Time
	// Lease is another one than the usual, for tests.
	Lease time.Duration
}

func (w *Worker) lease() time.Duration { return cmp.Or(w.Lease, Lease) }

// Objects is what the keys of all jobs' objects begin with: they may be deleted when the
// jobs are.
const Objects = "jobs/"

// Prefix is what the keys of a job's objects begin with.
func Prefix(tenant, id string) string { return Objects + tenant + "/" + id + "/" }

// Run makes a job, if there is something to be made. ErrTaken: somebody else does it, or it
// is too early to try again. NotYetError: it waits, and Sweep tries it again. After any other
// error it can be run again.
func (w *Worker) Run(ctx context.Context, n Name) error {
	l, err := w.claim(ctx, n)
	if l == nil {
		return err
	}
	working, end := context.WithCancelCause(ctx)
	defer end(nil)
	made, stopped := l.hold(working, end)
	err = l.make(working, made)
	stopped()
	if errors.Is(context.Cause(working), errLost) || errors.Is(err, errLost) {
		return ErrTaken // whoever has it now does the rest
	}
	if err == nil {
		return nil
	}
	// The context may have ended; that the job is free again is said all the same.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	return errors.Join(err, l.failed(last, ctx, err))
}

// hold renews the lease until stop is called. If it is lost, the work ends.
func (l *lease) hold(ctx context.Context, end context.CancelCauseFunc) (progress func(Progress), stop func()) {
	done := make(chan struct{})
	var holding sync.WaitGroup
	holding.Go(func() {
		ticker := time.NewTicker(l.lease() / 5)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := l.renew(ctx)
			if err != nil && (errors.Is(err, errLost) || !l.Now().Before(l.held())) {
				end(errLost)
				return
			}
		}
	})
	stop = sync.OnceFunc(func() { close(done); holding.Wait() })
	return func(p Progress) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.job.Progress = p
	}, stop
}

// held is up to when the job is this worker's, as it is stored.
func (l *lease) held() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	j, err := decode(l.job.Tenant, l.job.ID, l.job.item)
	if err != nil {
		return time.Time{}
	}
	return j.until
}

// make makes the object and finishes the job.
func (l *lease) make(ctx context.Context, progress func(Progress)) error {
	j := l.job
	if j.tries > 1 {
		if err := l.clean(ctx); err != nil {
			return err
		}
	}
	key := Prefix(j.Tenant, j.ID) + strconv.Itoa(j.tries) + "-" + j.holder + j.Ending
	u, err := l.Objects.Create(ctx, key)
	if err != nil {
		return err
	}
	defer u.Abort()
	sum := sha256.New()
	size := &counter{}
	asked := *j // what is made does not see what is stored meanwhile
	made, err := l.Make(ctx, &asked, io.MultiWriter(u, sum, size), progress)
	if err != nil {
		return err
	}
	if err := u.Commit(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	j.State, j.Object, j.Bytes, j.SHA256 = Completed, key, size.n, sum.Sum(nil)
	j.Rows, j.CountedUntil, j.Reason = made.Rows, made.CountedUntil, ""
	if err := l.finish(ctx); err != nil {
		j.State, j.Object, j.Bytes, j.SHA256 = Pending, "", 0, nil
		if errors.Is(err, errLost) { // nobody knows of the object but us
			return errors.Join(err, l.Objects.Delete(context.WithoutCancel(ctx), key))
		}
		return err
	}
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

// failed stores that a try failed: for good, or until the next.
func (l *lease) failed(ctx, work context.Context, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(work.Err(), context.Canceled) { // the process was asked to end
		l.job.tries--
		return l.release(ctx, 0)
	}
	if waits, ok := errors.AsType[*NotYetError](err); ok {
		l.job.tries-- // it was none
		l.job.Reason = waits.Reason
		if l.Now().Sub(l.job.Asked) < mostWaiting {
			return l.release(ctx, notYetPause)
		}
		l.job.Reason = fmt.Sprintf("For %d hours it could not be made. %s Ask again.", int(mostWaiting.Hours()), waits.Reason)
		return l.fail(ctx)
	}
	l.job.failures++
	impossible, ok := errors.AsType[*ImpossibleError](err)
	switch {
	case ok:
		l.job.Reason = impossible.Reason
	case work.Err() != nil:
		l.job.Reason = "It takes longer than a worker may: ask for a shorter time."
	default:
		l.job.Reason = fmt.Sprintf("Something went wrong here, %d times; it was logged. Ask again.", l.job.failures)
	}
	if ok || l.job.failures >= mostFailures {
		return l.fail(ctx)
	}
	return l.release(ctx, firstPause<<(l.job.failures-1))
}

// clean removes what earlier tries left.
func (l *lease) clean(ctx context.Context) error {
	prefix := Prefix(l.job.Tenant, l.job.ID)
	if err := l.Objects.Abandon(ctx, prefix); err != nil {
		return err
	}
	for info, err := range l.Objects.List(ctx, prefix) {
		if err == nil {
			err = l.Objects.Delete(ctx, info.Key)
		}
		if err != nil {
			return fmt.Errorf("removing what an earlier try left: %w", err)
		}
	}
	return nil
}

// Sweep runs the jobs that should be under way and are not: nobody was told of them, or
// whoever made them is gone, or they wait. It says of each what went wrong, and goes on.
func (w *Worker) Sweep(ctx context.Context) error {
	names, err := Unfinished(ctx, w.State)
	failed := []error{err}
	for _, n := range names {
		if ctx.Err() != nil {
			break
		}
		j, err := Find(ctx, w.State, n.Tenant, n.ID, w.Now())
		switch {
		case err != nil:
		case j == nil: // it expired
			err = w.State.Write(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: listed(n.Tenant, n.ID)}})
		case w.Now().Sub(j.Asked) < overdue:
		default:
			err = w.Run(ctx, n)
			if _, waits := errors.AsType[*NotYetError](err); waits || errors.Is(err, ErrTaken) {
				err = nil
			}
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
