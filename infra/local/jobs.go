package main

import (
	"context"
	"net/http"
	"path/filepath"
	"runtime"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/queue"
	"chatreports/infra/local/stack"
	"chatreports/shared/dialect"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/object/directory"
	"chatreports/shared/web"
)

// jobs is what stands where the queue of jobs and the bucket of their files do.
type jobs struct {
	queue *queue.Queue
	files *directory.Store
	work  []func(ctx context.Context) // what delivers messages
}

// openJobs opens the directory of files, and makes the queue that the template describes.
func openJobs(data string, s *stack.Stack) (*jobs, error) {
	files, err := directory.Open(filepath.Join(data, "files"), time.Now)
	if err != nil {
		return nil, err
	}
	j := &jobs{files: files, queue: queue.New(0)}
	for _, f := range s.Functions {
		for _, q := range s.Queues {
			if f.Queues[function.JobQueue] == q.Name {
				j.queue = queue.New(q.Delay)
			}
		}
	}
	return j, nil
}

// attach has the queue's messages go to the functions that they are for.
func (j *jobs) attach(functions map[string]gateway.Function) {
	for _, f := range functions {
		for _, m := range f.Messages {
			parallel := min(m.Parallel, max(1, runtime.NumCPU()/2))
			j.work = append(j.work, func(ctx context.Context) { j.queue.Run(ctx, parallel, f.Call) })
		}
	}
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

// filesKept is how long files of jobs are kept: as long as the bucket's lifecycle has it.
const filesKept = job.Keep + 24*time.Hour

// expire deletes what the bucket's lifecycle would.
func (j *jobs) expire(ctx context.Context) error {
	return j.files.Expire(ctx, job.Objects, time.Now().Add(-filesKept))
}

// handler serves files to whoever has a link.
func (j *jobs) handler() http.Handler {
	codes := map[int]string{http.StatusForbidden: "link_refused", http.StatusNotFound: "file_gone", http.StatusMethodNotAllowed: "method_not_allowed"}
	return j.files.Handler(func(w http.ResponseWriter, status int, why string) {
		web.Refuse(w, dialect.Ours, dialect.Refuse(status, codes[status], "%s", why))
	})
}
