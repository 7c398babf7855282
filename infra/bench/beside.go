package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verify"
)

// backfillBeside offers a tenant's past, day after day, as a backfill sends it, beside a small
// tenant whose chats are to be counted meanwhile: at a rate that folders keep up with, and as
// fast as it can be stored.
func backfillBeside(ctx context.Context, p *printer, o options) error {
	length := 30 * time.Second
	if o.quick {
		length = 2 * time.Second
	}
	p.section("A tenant's 30 days at 1× brought in beside a small tenant who sends a chat each %v: how long that one's events wait to be counted (%d shards, embedded engine, without fsync)", smallEvery, o.shards[0])
	for _, rate := range []int{offeredRate, 2 * offeredRate, 0} {
		if err := inDirectory(func(dir string) error { return beside(ctx, p, dir, o.shards[0], rate, length) }); err != nil {
			return err
		}
	}
	return nil
}

// mostBeside is how many events may wait, when others are to wait for them.
const mostBeside = 200_000

func beside(ctx context.Context, p *printer, dir string, shards, rate int, length time.Duration) (err error) {
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	load, stop := newOffered(db, shards, &measure.Current, workload(1, lastDay.AddDate(0, 0, -30), lastDay))
	defer stop()
	load.rate, load.most = rate, mostBeside
	began := time.Now()
	end := load.run(ctx)
	limited, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var sending sync.WaitGroup
	sending.Go(func() { load.small(limited) })
	sending.Wait()
	if err := end(); err != nil {
		return err
	}
	took := time.Since(began)
	differences := 0
	for _, who := range []string{acme.ID, small.ID} {
		r, err := verify.Run(ctx, db.Table("journal"), load.plain, verify.Options{Tenant: who, Wait: time.Millisecond, Tries: 1})
		if err != nil {
			return err
		}
		differences += len(r.Differences)
	}
	what := fmt.Sprintf("at %d events a second", rate)
	if rate == 0 {
		what = "as fast as it is stored"
	}
	slices.Sort(load.waits)
	n := len(load.waits)
	if n == 0 {
		return errors.New("nothing of the small tenant was counted")
	}
	events := float64(load.events.Load())
	p.add(
		result{What: what + ": the small tenant waits, at most", Measured: load.waits[n-1].Seconds(), Unit: "s", Detail: fmt.Sprintf("half of %d events less than %.3f s, 99 of 100 less than %.3f s", n, load.waits[n/2].Seconds(), load.waits[n*99/100].Seconds())},
		result{What: what + ": stored", Measured: events / load.offering.Seconds(), Unit: "events/s", Detail: fmt.Sprintf("%.0f events, folded at %.0f a second; at most %d waited", events, events/took.Seconds(), load.longest.Load())},
		result{What: what + ": wrong answers and differences", Target: 0.5, Measured: float64(load.wrong + differences), Detail: load.first},
	)
	return nil
}
