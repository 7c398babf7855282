// Package queue stands where SQS does: it tells a function of jobs, each after a while, and
// again as long as that fails. In: names of jobs. Out: calls. It is in memory: whoever starts
// it sends what is unfinished.
package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/job"
)

// Again is after how long a message comes again whose call failed.
const Again = time.Second

// Queue is one queue.
type Queue struct {
	delay   time.Duration
	mu      sync.Mutex
	waiting []message
	changed chan struct{} // closed when there is another message
}

var _ job.Queue = (*Queue)(nil)

type message struct {
	id, body string
	due      time.Time
}

// New returns a queue whose messages wait for some time.
func New(delay time.Duration) *Queue {
	return &Queue{delay: delay, changed: make(chan struct{})}
}

// Send implements job.Queue.
func (q *Queue) Send(_ context.Context, n job.Name) error {
	body, err := json.Marshal(n)
	if err == nil {
		q.put(message{rand.Text(), string(body), time.Now().Add(q.delay)})
	}
	return err
}

func (q *Queue) put(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, m)
	close(q.changed)
	q.changed = make(chan struct{})
}

// Call is a call of the function that messages go to.
type Call func(ctx context.Context, in, out any) error

// Run delivers messages, some at once, until ctx ends.
func (q *Queue) Run(ctx context.Context, parallel int, call Call) {
	var all sync.WaitGroup
	for range parallel {
		all.Go(func() {
			for ctx.Err() == nil {
				if m, wait, changed := q.next(time.Now()); wait == 0 {
					q.deliver(ctx, m, call)
				} else {
					select {
					case <-ctx.Done():
					case <-changed:
					case <-time.After(wait):
					}
				}
			}
		})
	}
	all.Wait()
}

// Drain delivers what there is at once, each message once.
func (q *Queue) Drain(ctx context.Context, call Call) {
	q.mu.Lock()
	all := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	for _, m := range all {
		q.deliver(ctx, m, call)
	}
}

// next takes a message whose time has come, or says how long it takes until there may be one.
func (q *Queue) next(now time.Time) (m message, wait time.Duration, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait = time.Hour
	for i := range q.waiting {
		if until := q.waiting[i].due.Sub(now); until > 0 {
			wait = min(wait, until)
			continue
		}
		m = q.waiting[i]
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return m, 0, nil
	}
	return m, wait, q.changed
}

func (q *Queue) deliver(ctx context.Context, m message, call Call) {
	var answer events.SQSEventResponse
	err := call(ctx, events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: m.id, Body: m.body, EventSource: "aws:sqs", AWSRegion: "local",
	}}}, &answer)
	if err != nil || len(answer.BatchItemFailures) > 0 {
		m.due = time.Now().Add(Again)
		q.put(m)
	}
}
