// Package queue stands where SQS does: it tells a function of jobs, each after a while, and
// again as long as that fails, tenants in turn. In: names of jobs. Out: calls. It is in memory:
// whoever starts it sends what is unfinished.
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
	changed chan struct{}  // closed when there is another message
	turns   int            // of all tenants
	last    map[string]int // the last turn of each tenant, while messages wait
}

var _ job.Queue = (*Queue)(nil)

type message struct {
	id, body, tenant string
	due              time.Time
}

// New returns a queue whose messages wait for some time.
func New(delay time.Duration) *Queue {
	return &Queue{delay: delay, changed: make(chan struct{}), last: map[string]int{}}
}

// Send implements job.Queue.
func (q *Queue) Send(_ context.Context, n job.Name) error {
	body, err := json.Marshal(n)
	if err == nil {
		q.put(message{rand.Text(), string(body), n.Tenant, time.Now().Add(q.delay)})
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

// next takes a message whose time has come, of the tenant whose last turn is longest ago, or
// says how long it takes until there may be one.
func (q *Queue) next(now time.Time) (m message, wait time.Duration, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait = time.Hour
	taken := -1
	for i := range q.waiting {
		until := q.waiting[i].due.Sub(now)
		switch {
		case until > 0:
			wait = min(wait, until)
		case taken < 0 || q.last[q.waiting[i].tenant] < q.last[q.waiting[taken].tenant]:
			taken = i
		}
	}
	if taken < 0 {
		return m, wait, q.changed
	}
	m = q.waiting[taken]
	q.waiting = slices.Delete(q.waiting, taken, taken+1)
	q.turns++
	q.last[m.tenant] = q.turns
	if len(q.waiting) == 0 {
		clear(q.last)
	}
	return m, 0, nil
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
