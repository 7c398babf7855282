package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/generation"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verify"
)

// offeredDays are the days of events there are to offer.
const offeredDays = 10

// alteredBy is how many times each request counts by the other version.
const alteredBy = 1000

// versions are the one that counts and another one; reports of this program read either.
func versions() (one, other measure.Version, restore func()) {
	current := measure.Current
	one = measure.Version{Number: current.Number}
	other = measure.Version{Number: current.Number + 1, Oldest: current.Number + 1, Alter: func(c *measure.Contribution) {
		if c.Measure == measure.ChatRequests {
			c.N *= alteredBy
		}
	}}
	measure.Current = measure.Version{Number: other.Number, Oldest: one.Number}
	return one, other, func() { measure.Current = current }
}

// scans is a table that counts what scans of it read.
type scans struct {
	table.Table
	n, units int
}

func (s *scans) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	s.n++
	return func(yield func(table.Item, error) bool) {
		size := 0
		defer func() { s.units += roundUp(size, readUnitBytes) }()
		for item, err := range s.Table.Scan(ctx, prefix) {
			if size += itemBytes(&item); !yield(item, err) {
				return
			}
		}
	}
}

// changing is a change of what counts, under load, step by step.
type changing struct {
	*offered
	db       *embedded.DB
	one, two measure.Version
	dwell    time.Duration
	beside   []result
	wrongs   int // differences
}

// aside are tables whose calls are counted apart from those of folders.
func (c *changing) aside() (builder generation.Builder, reads *scans, cost func() (writes, reads float64)) {
	apart := newCounters(c.db.Table("journal"), c.db.Table("state"))
	reads = &scans{Table: apart.state}
	return generation.Builder{Journal: apart.journal, State: table.Divide(reads), Tenant: acme.ID}, reads, func() (float64, float64) {
		t := apart.tally()
		return float64(sum(t.WriteUnits)), float64(sum(t.ReadUnits))
	}
}

// changeUnderLoad has what counts be changed while events are offered, and changed back.
func changeUnderLoad(ctx context.Context, p *printer, o options) error {
	before, dwell, longest := 60_000, 10*time.Second, 20*time.Minute
	if o.quick {
		before, dwell, longest = 4000, time.Second, 5*time.Minute
	}
	p.section("A contribution changed while %d events a second are offered to %d shards (embedded engine, without fsync): another generation built, verified, swapped in, and swapped back", offeredRate, o.shards[0])
	return inDirectory(func(dir string) error {
		db, err := embedded.Open(dir, embedded.NoSync)
		if err != nil {
			return err
		}
		one, two, restore := versions()
		defer restore()
		load, stop := newOffered(db, o.shards[0], &one, workload(10, lastDay, lastDay.AddDate(0, 0, offeredDays)))
		defer stop()
		c := &changing{offered: load, db: db, one: one, two: two, dwell: dwell}
		limited, cancel := context.WithTimeout(ctx, longest)
		defer cancel()
		err = c.run(limited, before)
		slow := limited.Err() != nil && ctx.Err() == nil // this machine does not keep up with it
		if slow {
			p.add(result{What: fmt.Sprintf("not at an end after %v", longest), Target: 0.5, Measured: 1})
			err = nil
		}
		if err := errors.Join(err, db.Close()); err != nil {
			return err
		}
		p.add(c.results()...)
		return nil
	})
}

// run is all of it: some events first, then each step while more are offered.
func (c *changing) run(ctx context.Context, before int) error {
	end := c.offered.run(ctx)
	steps := func() error {
		if err := c.until(ctx, func() bool { return int(c.events.Load()) >= before && c.waiting.Load() < offeredRate }); err != nil {
			return err
		}
		if err := c.alone(ctx); err != nil {
			return err
		}
		number, err := c.build(ctx)
		if err != nil {
			return err
		}
		if err := c.swap(ctx, &c.two, number); err != nil {
			return err
		}
		return c.swap(ctx, &c.one, 0)
	}()
	if err := errors.Join(steps, end()); err != nil {
		return err
	}
	return c.compare(ctx)
}

// until waits for something.
func (c *changing) until(ctx context.Context, done func() bool) error {
	for !done() {
		if err := errors.Join(c.err(), ctx.Err()); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// alone measures what an event costs while there is one generation.
func (c *changing) alone(ctx context.Context) error {
	return c.measure(ctx, "live, one generation", func() error { return c.wait(ctx) })
}

func (c *changing) wait(ctx context.Context) error {
	over := time.Now().Add(c.dwell)
	return c.until(ctx, func() bool { return time.Now().After(over) })
}

// measure notes what folding cost per event meanwhile.
func (c *changing) measure(_ context.Context, what string, do func() error) error {
	t, n := c.counters.tally(), c.events.Load()
	_, _ = fmt.Fprintf(os.Stderr, "%s: %d events are stored, %d wait to be folded\n", what, n, c.waiting.Load())
	err := do()
	u, m := c.counters.tally(), c.events.Load()
	events := float64(max(1, m-n))
	c.beside = append(c.beside, result{
		What: what, Measured: float64(sum(u.WriteUnits)-sum(t.WriteUnits)) / events, Unit: "WU an event",
		Detail: fmt.Sprintf("read units %.2f, %d events", float64(sum(u.ReadUnits)-sum(t.ReadUnits))/events, m-n),
	})
	return err
}

// build builds another generation.
func (c *changing) build(ctx context.Context) (number uint32, err error) {
	b, _, cost := c.aside()
	b.Version = &c.two
	began, n, stored := time.Now(), 0, float64(c.events.Load())
	b.Progress = func(_, of int) { n = of }
	err = c.measure(ctx, "live, while another generation is built", func() error {
		number, err = b.Build(ctx)
		return err
	})
	writes, reads := cost()
	c.beside = append(c.beside, result{
		What: fmt.Sprintf("building it: %d entities, %.0f events stored when it begins", n, stored), Measured: writes / stored, Unit: "WU an event",
		Detail: fmt.Sprintf("read units %.2f, %.1f s", reads/stored, time.Since(began).Seconds()),
	})
	return number, err
}

// swap verifies a generation, makes it serve, and deploys its version once the other was met.
func (c *changing) swap(ctx context.Context, v *measure.Version, number uint32) error {
	b, scanned, cost := c.aside()
	b.Version = v
	var r verify.Report
	behind, err := c.behind(ctx, number)
	if err != nil {
		return err
	}
	n := c.events.Load()
	began := time.Now()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go c.watch(watching, number)
	err = c.measure(ctx, fmt.Sprintf("live, while generation %d catches up and is verified", number), func() (err error) {
		r, err = b.Verify(ctx, number, verify.Options{Wait: 200 * time.Millisecond, Tries: 300})
		return err
	})
	if err != nil {
		return err
	}
	c.wrongs += len(r.Differences)
	writes, reads := cost()
	meanwhile := float64(max(1, c.events.Load()-n)) + behind
	c.beside = append(c.beside, result{
		What: fmt.Sprintf("generation %d catches up", number), Measured: writes / meanwhile, Unit: "WU an event", Detail: fmt.Sprintf("%.0f events", meanwhile),
	}, result{
		What:     fmt.Sprintf("generation %d is verified: how often its state is read", number),
		Measured: float64(scanned.n), Detail: fmt.Sprintf("%d read units for that, %.0f more with catching up, %d facts and %d blocks compared, %.1f s", scanned.units, reads, r.Facts, r.Blocks, time.Since(began).Seconds()),
	})
	if len(r.Differences) > 0 {
		return fmt.Errorf("generation %d: %v", number, r.Differences[0])
	}
	began = time.Now()
	if err := b.Swap(ctx, number, false); err != nil {
		return err
	}
	took := time.Since(began)
	stop()
	others := c.others.Load()
	if err := c.until(ctx, func() bool { return c.others.Load() > others }); err != nil {
		return err
	}
	c.deployed.Store(v)
	c.beside = append(c.beside, result{What: fmt.Sprintf("generation %d is made to serve", number), Measured: float64(took.Milliseconds()), Unit: "ms"})
	return c.measure(ctx, fmt.Sprintf("live, generation %d serves", number), func() error { return c.wait(ctx) })
}

// mostBehind is how many items of the log a generation may be behind before no more is offered
// for a while: a second or two of them.
const mostBehind = 40

// watch has no more be offered while a generation is too far behind.
func (c *changing) watch(ctx context.Context, number uint32) {
	defer c.held.Store(false)
	for ctx.Err() == nil {
		if n, err := c.behind(ctx, number); err == nil {
			c.held.Store(n > mostBehind)
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
		}
	}
}

// pollEvery is how often it is looked how far a generation is behind.
const pollEvery = 200 * time.Millisecond

// behind is how many items of the log a generation has to catch up with.
func (c *changing) behind(ctx context.Context, number uint32) (float64, error) {
	b, _, _ := c.aside()
	all, err := b.List(ctx)
	if err != nil {
		return 0, err
	}
	for _, g := range all.All {
		if g.Number == number {
			end, _, _, err := counter.End(ctx, counter.Space(c.plain, acme.ID, g.Source), acme.ID)
			return float64(end - g.After), err
		}
	}
	return 0, fmt.Errorf("there is no generation %d", number)
}

// compare verifies both generations once no more is offered.
func (c *changing) compare(ctx context.Context) error {
	all := verify.Options{Tenant: acme.ID, Version: &c.one, Wait: time.Millisecond, Tries: 1}
	serves, err := verify.Run(ctx, c.db.Table("journal"), c.plain, all)
	if err != nil {
		return err
	}
	b, _, _ := c.aside()
	b.Version = &c.two
	beside, err := b.Verify(ctx, 1, verify.Options{Wait: time.Millisecond, Tries: 1})
	if err != nil {
		return err
	}
	for n, r := range []verify.Report{serves, beside} {
		c.wrongs += len(r.Differences)
		c.beside = append(c.beside, result{What: fmt.Sprintf("facts and blocks of generation %d compared at the end", n), Measured: float64(r.Facts + r.Blocks)})
	}
	if n, err := c.chats(ctx); err != nil || n != c.stored.Load() {
		return errors.Join(err, fmt.Errorf("at the end a report says %d chats, and %d are stored", n, c.stored.Load()))
	}
	return nil
}

// results are what came of it.
func (c *changing) results() []result {
	return append([]result{
		{What: "events offered", Measured: float64(c.events.Load()), Detail: fmt.Sprintf("%.0f a second for %.0f s; at most %d waited to be folded; at %d of %d turns nothing was offered, since the machine did not keep up", float64(c.events.Load())/c.offering.Seconds(), c.offering.Seconds(), c.longest.Load(), c.full, int(c.offering/offeredEvery))},
		{What: "answers checked", Measured: float64(c.asked), Detail: fmt.Sprintf("%d batches met another version than that of their folder", c.others.Load())},
		{What: "of them wrong", Limit: "0", Target: 0.5, Measured: float64(c.wrong), Detail: c.first},
		{What: "differences that verify found", Limit: "0", Target: 0.5, Measured: float64(c.wrongs)},
	}, c.beside...)
}
