package main

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/queue"
	"chatreports/infra/local/stack"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/table/embedded"
)

// jobs is what stands where the queue of jobs and the bucket of their files do.
type jobs struct {
	queue *queue.Queue
	files object.Store
	rules []stack.Expiration          // by which files are deleted
	work  []func(ctx context.Context) // what delivers messages
}

// newJobs makes the queue that the template describes. The files are those of the bucket that
// functions write to.
func newJobs(files object.Store, s *stack.Stack) *jobs {
	j := &jobs{files: files, queue: queue.New(0)}
	for _, f := range s.Functions {
		if bucket, ok := s.Bucket(f.Buckets[function.ObjectBucket]); ok {
			j.rules = bucket.Expire
		}
		for _, q := range s.Queues {
			if f.Queues[function.JobQueue] == q.Name {
				j.queue = queue.New(q.Delay)
			}
		}
	}
	return j
}

// attach has the queue's messages go to the functions that they are for, each once settled
// returns.
func (j *jobs) attach(functions map[string]gateway.Function, settled func(ctx context.Context)) {
	for _, f := range functions {
		for _, m := range f.Messages {
			parallel := min(m.Parallel, max(1, runtime.NumCPU()/2))
			j.work = append(j.work, func(ctx context.Context) {
				j.queue.Run(ctx, parallel, func(ctx context.Context, in, out any) error {
					settled(ctx)
					return f.Call(ctx, in, out)
				})
			})
		}
	}
}

// longestSettling is how long a job waits for events to be folded.
const longestSettling = 20 * time.Second

// settle waits until what the journal holds now is folded, so that a job has all that was
// accepted before it. (On AWS the queue's delay has to do: it is longer than the stream's.)
func (sys *system) settle(ctx context.Context) {
	const poll = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, longestSettling)
	defer cancel()
	last := ""
	for ctx.Err() == nil {
		first, n, err := sys.waiting(ctx)
		if err != nil || n == 0 || last != "" && first > last {
			return
		}
		if last == "" {
			number, _ := strconv.ParseUint(first, 10, 64)
			last = fmt.Sprintf("%020d", number+uint64(n)-1)
		}
		wait(ctx, poll)
	}
}

// waiting is the first change of the journal that is not folded, and how many there are. Of a
// stream on a server that is not known, and nothing waits.
func (sys *system) waiting(ctx context.Context) (first string, n int, err error) {
	own, ok := sys.changes.(embedded.FeedTable)
	if !ok {
		return "", 0, nil
	}
	changes, err := own.Next(ctx, "0", 1)
	if err != nil || len(changes) == 0 {
		return "", 0, err
	}
	n, err = own.Pending(ctx)
	return changes[0].Sequence, n, err
}

// resume sends the jobs that an earlier process left.
func (j *jobs) resume(ctx context.Context, d *function.Deps) error {
	names, err := job.Unfinished(ctx, d.State)
	for _, n := range names {
		if err == nil {
			err = j.queue.Send(ctx, n)
		}
	}
	return err
}

// expire deletes what the bucket's lifecycle would.
func (j *jobs) expire(ctx context.Context, now time.Time) error {
	for _, rule := range j.rules {
		for info, err := range j.files.List(ctx, rule.Prefix) {
			if err == nil && info.Modified.Before(now.Add(-rule.After)) {
				err = j.files.Delete(ctx, info.Key)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
