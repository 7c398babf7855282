package main

import (
	"context"
	"iter"
	"slices"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// folding is what the fold of one event takes: its part of a window's fold and of
// the merges, over tables in memory.
type folding struct {
	Events int
	cost
}

// foldLive measures the fold of live windows. What comes in each is made before,
// as records of the stream.
func foldLive(ctx context.Context, scale float64, warm, length time.Duration) (folding, error) {
	journal := newMemory()
	c := newChain(journal, newMemory())
	day, rest, stop := split(workload(scale, peak.Add(-warm), peak.Add(length)), peak)
	defer stop()
	if _, err := c.backfill(ctx, day); err != nil {
		return folding{}, err
	}
	maker := newChain(newMemory(), nil)
	var windows [][]table.Item
	end := peak.Add(window)
	for e := range rest {
		for ; !e.Time().Before(end); end = end.Add(window) {
			windows, maker.stream = append(windows, maker.stream), nil
		}
		maker.now = e.Time()
		if err := maker.append(ctx, []event.Event{e}); err != nil {
			return folding{}, err
		}
	}
	c.now = peak
	return c.folding(ctx, journal, append(windows, maker.stream), window)
}

// foldBackfill measures the fold of full batches.
func foldBackfill(ctx context.Context, events iter.Seq[event.Event]) (folding, error) {
	journal := newMemory()
	c := newChain(journal, newMemory())
	maker := newChain(newMemory(), nil)
	for e := range events {
		maker.now = e.Time()
		if err := maker.append(ctx, []event.Event{e}); err != nil {
			return folding{}, err
		}
	}
	return c.folding(ctx, journal, slices.Collect(slices.Chunk(maker.stream, streamBatch)), 0)
}

// folding folds batches of the stream, one every so often.
func (c *chain) folding(ctx context.Context, journal table.Table, batches [][]table.Item, every time.Duration) (f folding, err error) {
	for _, batch := range batches {
		f.Events += len(batch)
	}
	f.cost, err = once(f.Events, func() (apart time.Duration, err error) {
		for _, batch := range batches {
			c.now = c.now.Add(every)
			cpu := cpuTime()
			ops := make([]table.Op, len(batch))
			for i := range batch {
				ops[i].Item = batch[i]
			}
			if _, err := journal.PutEach(ctx, ops...); err != nil {
				return 0, err
			}
			apart += cpuTime() - cpu
			c.stream = batch
			if err := c.fold(ctx, 0); err != nil {
				return 0, err
			}
			if err := c.merge(ctx); err != nil {
				return 0, err
			}
		}
		return apart, nil
	})
	return f, err
}

// stored takes events into the embedded engine, durably, and says how long it took.
func stored(ctx context.Context, dir string, events iter.Seq[event.Event]) (db *embedded.DB, n int, took time.Duration, err error) {
	if db, err = embedded.Open(dir); err != nil {
		return nil, 0, 0, err
	}
	var all []event.Event
	for e := range events {
		all = append(all, e)
	}
	began := time.Now()
	n, err = newChain(db.Table("journal"), db.Table("state")).backfill(ctx, slices.Values(all))
	return db, n, time.Since(began), err
}
