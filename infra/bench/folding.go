package main

import (
	"context"
	"iter"
	"slices"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/table/embedded"
)

// folding is what the fold of one event takes: its part of a window's fold and of
// the seals, over tables in memory.
type folding struct {
	Events int
	cost
}

// foldLive measures the fold of live windows. The journal is filled and read
// outside of what is measured.
func foldLive(ctx context.Context, scale float64, warm, length time.Duration) (folding, error) {
	journal := newMemory()
	c := newChain(journal, newMemory())
	begin := peak.Add(-warm)
	day, rest, stop := split(workload(scale, begin, peak.Add(length)), peak)
	defer stop()
	if _, err := c.backfill(ctx, day); err != nil {
		return folding{}, err
	}
	var recorded [][]event.Event
	n := 0
	end := peak.Add(window)
	var batch []event.Event
	for e := range rest {
		for ; !e.Time().Before(end); end = end.Add(window) {
			recorded, batch = append(recorded, batch), nil
		}
		batch = append(batch, e)
		n++
	}
	recorded = append(recorded, batch)
	f := folding{Events: n}
	c.now = peak
	var err error
	f.cost, err = once(n, func() (apart time.Duration, err error) {
		for _, events := range recorded {
			c.now = c.now.Add(window)
			cpu := cpuTime()
			if err := c.append(ctx, events); err != nil {
				return 0, err
			}
			apart += cpuTime() - cpu
			if err := c.fold(ctx, 0); err != nil {
				return 0, err
			}
			if err := c.seal(ctx); err != nil {
				return 0, err
			}
		}
		return apart, nil
	})
	return f, err
}

// foldBackfill measures the fold of full batches.
func foldBackfill(ctx context.Context, events iter.Seq[event.Event]) (folding, error) {
	c := newChain(newMemory(), newMemory())
	var all []event.Event
	for e := range events {
		all = append(all, e)
	}
	f := folding{Events: len(all)}
	var err error
	f.cost, err = once(len(all), func() (apart time.Duration, err error) {
		for len(all) > 0 {
			n := min(len(all), streamBatch)
			c.now = all[n-1].Time()
			cpu := cpuTime()
			if err := c.append(ctx, all[:n]); err != nil {
				return 0, err
			}
			apart += cpuTime() - cpu
			if err := c.fold(ctx, 0); err != nil {
				return 0, err
			}
			all = all[n:]
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
