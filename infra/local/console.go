package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"chatreports/shared/job"
	"chatreports/shared/table"
)

// How often jobs are looked at, and how often one of them is told of.
const (
	lookAtJobs  = time.Second
	tellOfAJob  = 5 * time.Second
	shortenedID = 8
)

// console tells how far jobs are: a line when one begins, one from time to time while it is
// made, and one when it is over. It looks at what is stored, as whoever asks for a job does.
type console struct {
	state table.Table
	out   io.Writer
	now   func() time.Time // of jobs
	known map[job.Name]*toldJob
}

// toldJob is what was told of a job.
type toldJob struct {
	begun bool
	at    time.Time
	job.Progress
}

func newConsole(state table.Table, out io.Writer, now func() time.Time) *console {
	return &console{state, out, now, map[job.Name]*toldJob{}}
}

// run looks until ctx ends.
func (c *console) run(ctx context.Context) {
	for ctx.Err() == nil {
		_ = c.look(ctx) // what cannot be read now is looked at again
		wait(ctx, lookAtJobs)
	}
}

// look tells what is new. A job that was never seen waiting or being made is not told of.
func (c *console) look(ctx context.Context) error {
	unfinished, err := job.Unfinished(ctx, c.state)
	if err != nil {
		return err
	}
	for _, n := range unfinished {
		if c.known[n] == nil {
			c.known[n] = &toldJob{}
		}
	}
	for n, told := range c.known {
		j, err := job.Find(ctx, c.state, n.Tenant, n.ID, c.now())
		if err != nil {
			return err
		}
		if j == nil {
			delete(c.known, n)
			continue
		}
		c.tell(j, told)
		if j.State != job.Pending {
			delete(c.known, n)
		}
	}
	return nil
}

// tell writes a line, if there is something to tell.
func (c *console) tell(j *job.Job, told *toldJob) {
	now := c.now()
	switch {
	case j.State == job.Completed:
		c.line(j, fmt.Sprintf("made, %s, %d bytes, %s after it was asked for", rows(j), j.Bytes, j.Finished.Sub(j.Asked).Round(100*time.Millisecond)))
	case j.State == job.Failed:
		c.line(j, "failed: "+j.Reason)
	case !j.Making():
	case !told.begun:
		c.line(j, "begun")
		told.begun, told.at = true, now
	case j.Progress != told.Progress && now.Sub(told.at) >= tellOfAJob:
		c.line(j, rows(j))
		told.Progress, told.at = j.Progress, now
	}
}

// rows is how far a job is: what is not divided has no parts.
func rows(j *job.Job) string {
	if j.Of == 0 {
		return fmt.Sprintf("%d rows", j.Rows)
	}
	return fmt.Sprintf("%d rows in %d of %d parts", j.Rows, j.Done, j.Of)
}

func (c *console) line(j *job.Job, what string) {
	fmt.Fprintf(c.out, "job %.*s of %s, %s: %s\n", shortenedID, j.ID, j.Tenant, j.Title(), what)
}
