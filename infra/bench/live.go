package main

import (
	"context"
	"iter"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
)

// window is how often the stream is polled in a live run: one fold for what came.
const window = 2 * time.Second

// workload is the reference workload of a stretch of time.
func workload(scale float64, start, end time.Time) iter.Seq[event.Event] {
	return sim.New(sim.Config{Seed: 1, Start: start, End: end, Scale: scale}).Events()
}

// backfill takes events in full batches and says how many there were.
func (c *chain) backfill(ctx context.Context, events iter.Seq[event.Event]) (n int, err error) {
	var batch []event.Event
	for e := range events {
		n++
		c.now = e.Time()
		if batch = append(batch, e); len(batch) < appendBatch {
			continue
		}
		if err := c.take(ctx, batch, streamBatch); err != nil {
			return n, err
		}
		batch = batch[:0]
	}
	return n, c.take(ctx, batch, 0)
}

// live takes events in as they come: what came in a window is folded at its end,
// and each is called; the merge on schedule runs every minute.
func (c *chain) live(ctx context.Context, start time.Time, events iter.Seq[event.Event], each func() error) (n int, err error) {
	var batch []event.Event
	c.now = start
	turn := func() error {
		c.now = c.now.Add(window)
		if err := c.take(ctx, batch, 0); err != nil {
			return err
		}
		batch = batch[:0]
		if err := c.merge(ctx); err != nil {
			return err
		}
		return each()
	}
	for e := range events {
		for !e.Time().Before(c.now.Add(window)) {
			if err := turn(); err != nil {
				return n, err
			}
		}
		n++
		batch = append(batch, e)
	}
	return n, turn()
}

// take appends events, and folds if the stream then holds at least so many.
func (c *chain) take(ctx context.Context, events []event.Event, least int) error {
	if err := c.append(ctx, events); err != nil {
		return err
	}
	return c.fold(ctx, least)
}

// split divides events in time order at a moment; the second part must be read
// after the first.
func split(events iter.Seq[event.Event], at time.Time) (before, after iter.Seq[event.Event], stop func()) {
	next, stop := iter.Pull(events)
	var held *event.Event
	before = func(yield func(event.Event) bool) {
		for {
			e, ok := next()
			if !ok {
				return
			}
			if !e.Time().Before(at) {
				held = &e
				return
			}
			if !yield(e) {
				return
			}
		}
	}
	after = func(yield func(event.Event) bool) {
		for e, ok := held, held != nil; ok; {
			if !yield(*e) {
				return
			}
			var n event.Event
			n, ok = next()
			e = &n
		}
	}
	return before, after, stop
}
