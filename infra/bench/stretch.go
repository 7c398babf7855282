package main

import (
	"context"
	"time"
)

// stretch is what is run live at a scale: a day at 1×, less of it the more there
// is of everything. It begins at the day's peak; the day up to then is filled
// before, and laid over the month before it.
type stretch struct {
	scale  float64
	shards int
	length time.Duration
	// every is how many windows lie between two moments at which questions are
	// asked: so many that the log fills up a few times between the first and the
	// last, and no multiple of how long that takes.
	every int
}

var (
	month   = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	lastDay = time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	peak    = lastDay.Add(10 * time.Hour)
)

// moments are how many, and calm is how many windows the merge on schedule is given before them.
const (
	moments = 16
	calm    = 30
)

func stretchOf(scale float64, shards int, quick bool) stretch {
	s := stretch{scale, shards, 24 * time.Hour, 131}
	switch {
	case scale > 10:
		s = stretch{scale, shards, time.Duration(float64(50*time.Hour) / scale), 5}
	case scale > 1:
		s = stretch{scale, shards, time.Duration(float64(30*time.Hour) / scale), 37}
	case quick:
		s.length = 3 * time.Hour
	}
	return s
}

// run fills the day, runs the stretch and asks at the moments. Nothing that ask
// reads is counted.
func (s stretch) run(ctx context.Context, ask func(c *chain, m *memory) error) (written, error) {
	journal, m := newMemory(), newMemory()
	day, rest, stop := split(workload(s.scale, lastDay, peak.Add(s.length)), peak)
	defer stop()
	if _, err := newChain(journal, m).backfill(ctx, day); err != nil {
		return written{}, err
	}
	layOut(m, lastDay)
	c := newCounters(journal, m)
	ch := newChainOf(s.shards, c.journal, c.state)
	windows, asked := 0, 0
	n, err := ch.live(ctx, peak, rest, func() error {
		if windows++; windows < calm || windows%s.every != 0 || asked == moments {
			return nil
		}
		asked++
		return ask(ch, m)
	})
	return written{n, c.tally()}, err
}
