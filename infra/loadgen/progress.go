package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"chatreports/infra/loadgen/replay"
)

// progress tells how far a replay is, at most once in its interval. Its methods
// may be called from several goroutines.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	interval time.Duration
	began    time.Time
	said     time.Time
	retries  int
	why      error
}

func newProgress(out io.Writer) *progress {
	now := time.Now()
	return &progress{out: out, interval: 2 * time.Second, began: now, said: now}
}

func (p *progress) answered(r replay.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.said) < p.interval {
		return
	}
	p.said = now
	_, _ = fmt.Fprintf(p.out, "%d sent, %d refused, %d requests sent again, %.0f events/s\n",
		r.Sent(), r.Refused, p.retries, float64(r.Sent())/now.Sub(p.began).Seconds())
}

func (p *progress) retried(err error, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retries++
	if now := time.Now(); p.why == nil || now.Sub(p.said) >= p.interval {
		p.said, p.why = now, err
		_, _ = fmt.Fprintf(p.out, "sending again in %.1f s: %v\n", wait.Seconds(), err)
	}
}
