package job

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"chatreports/shared/table"
)

// errLost says that the job is no longer this worker's.
var errLost = errors.New("job: the lease is lost")

// lease is a job while one worker makes it.
type lease struct {
	*Worker
	mu  sync.Mutex // of the job, whose progress comes while the lease is renewed
	job *Job
}

// claim takes a job that nobody makes. nil: there is nothing to be made.
func (w *Worker) claim(ctx context.Context, n Name) (*lease, error) {
	now := w.Now()
	j, err := Find(ctx, w.State, n.Tenant, n.ID, now)
	if err != nil || j == nil || j.State != Pending {
		return nil, err
	}
	if now.Before(j.until) {
		return nil, ErrTaken
	}
	l := &lease{Worker: w, job: j}
	if j.tries >= mostTries {
		j.Reason = cmp.Or(j.Reason, "The job could not be made: each try ended before it was done. Ask for a shorter time.")
		return nil, l.fail(ctx)
	}
	j.tries++
	j.holder, j.until, j.Progress = rand.Text()[:12], now.Add(w.lease()), Progress{}
	op, err := j.op()
	if err != nil {
		return nil, err
	}
	err = w.State.Write(ctx, op)
	if _, lost := errors.AsType[*table.ConflictError](err); lost {
		return nil, ErrTaken
	}
	if err != nil { // if it was written all the same, the job is free again once the lease is over
		return nil, fmt.Errorf("claiming the job %q of %q: %w", n.ID, n.Tenant, err)
	}
	j.item = op.Item
	return l, nil
}

// saves is how often a write is tried whose outcome is unknown, or that met another.
const saves = 5

// save stores the job as it is, and in one with it whatever more is given, as long as it is
// still this worker's.
func (l *lease) save(ctx context.Context, more ...table.Op) error {
	var failed error
	for range saves {
		op, err := l.job.op()
		if err != nil {
			return err
		}
		if failed = l.State.Write(ctx, slices.Concat([]table.Op{op}, more)...); failed == nil {
			l.job.item = op.Item
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		// It may have been written nevertheless.
		items, err := l.State.Get(ctx, op.Item.Key)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if items[0].Version == op.Item.Version && slices.Equal(items[0].Value, op.Item.Value) {
			l.job.item = op.Item
			return nil
		}
		if items[0].Version != l.job.item.Version {
			return errLost
		}
	}
	return fmt.Errorf("storing how far the job %q of %q is: %w", l.job.ID, l.job.Tenant, failed)
}

// renew keeps the job for as long again, and stores how far it is.
func (l *lease) renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.job.until = l.Now().Add(l.lease())
	return l.save(ctx)
}

// finish stores how the job ended, and takes it off the list.
func (l *lease) finish(ctx context.Context) error {
	l.job.Finished, l.job.holder, l.job.until = l.Now(), "", time.Time{}
	return l.save(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: listed(l.job.Tenant, l.job.ID)}})
}

// fail ends a job for good, and leaves nothing of it but the reason.
func (l *lease) fail(ctx context.Context) error {
	l.job.State, l.job.Progress = Failed, Progress{}
	if err := l.finish(ctx); err != nil {
		return err
	}
	return l.clean(ctx)
}

// release lets others try, not before some time.
func (l *lease) release(ctx context.Context, after time.Duration) error {
	l.job.holder, l.job.until = "", l.Now().Add(after)
	return l.save(ctx)
}
