package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// rowsOut tells a day's rows again, at each scale, as CSV: of every raw report, and of the
// one with the most rows. Then it tells that one of as many days as there is time to store.
// Both tables are on the embedded engine.
func rowsOut(ctx context.Context, p *printer, o options) error {
	p.section("Rows told again: a day's raw reports as CSV, on the embedded engine")
	for _, scale := range o.scales {
		if err := dayOfRows(ctx, p, scale); err != nil {
			return err
		}
	}
	return longRun(ctx, p, o)
}

// grounded is a system's data on the embedded engine, in a directory that lasts until done.
type grounded struct {
	db   *embedded.DB
	dir  string
	now  time.Time // when the last event happened
	n    int       // events
	done func()
}

// ground stores events.
func ground(ctx context.Context, events iter.Seq[event.Event]) (g *grounded, err error) {
	g = &grounded{}
	if g.dir, err = os.MkdirTemp("", "bench-*"); err != nil {
		return nil, err
	}
	if g.db, err = embedded.Open(g.dir, embedded.NoSync); err != nil {
		_ = os.RemoveAll(g.dir)
		return nil, err
	}
	g.done = func() { _, _ = g.db.Close(), os.RemoveAll(g.dir) }
	c := newChain(g.db.Table("journal"), g.db.Table("state"))
	if g.n, err = c.backfill(ctx, events); err != nil {
		g.done()
	}
	g.now = c.now
	return g, err
}

// open opens a window from a time up to now, over those tables: the engine's, or counted
// ones, which take time themselves.
func (g *grounded) open(ctx context.Context, from time.Time, journal, state table.Table) (*extract.Source, error) {
	hours, err := dialect.BusinessHours(&acme)
	if err != nil {
		return nil, err
	}
	to := g.now.UnixMilli() + 1
	return (&extract.Ground{Journal: journal, State: state, Dir: g.dir}).Open(ctx, &extract.Window{Tenant: &acme, From: from.UnixMilli(), To: to, Now: to, Hours: hours})
}

func dayOfRows(ctx context.Context, p *printer, scale float64) error {
	g, err := ground(ctx, workload(scale, lastDay, lastDay.AddDate(0, 0, 1)))
	if err != nil {
		return err
	}
	defer g.done()
	counters := newCounters(g.db.Table("journal"), g.db.Table("state"))
	var all told
	reports := freshchat.Reports()
	for i := range reports {
		one, err := g.tell(ctx, lastDay, &reports[i])
		if err != nil {
			return fmt.Errorf("%s: %w", reports[i].Name, err)
		}
		all.add(&one)
		if reports[i].Name == mostRows {
			p.add(one.results(fmt.Sprintf("%s at %g×", mostRows, scale))...)
		}
		source, err := g.open(ctx, lastDay, counters.journal, counters.state) // once more, to count
		if err != nil {
			return err
		}
		if err := source.Run(&reports[i], nil).WriteCSV(io.Discard, false); err != nil {
			return err
		}
	}
	p.add(all.results(fmt.Sprintf("all %d reports at %g×, %d events", len(reports), scale, g.n))...)
	p.add(result{What: fmt.Sprintf("read units a report at %g×", scale), Measured: float64(sum(counters.tally().ReadUnits)) / float64(len(reports)), Unit: "RU"})
	return nil
}

// mostRows is the report with the most rows.
const mostRows = "Message-Sent"

// How many rows a long run is to tell, and how long events are stored for it.
const (
	longRows  = 10_000_000
	longStore = 10 * time.Minute
	longScale = 10
)

// longRun tells as many rows as there is time to store, and compares that with COPY … TO of
// PostgreSQL of a table that holds the very rows.
func longRun(ctx context.Context, p *printer, o options) error {
	if o.quick {
		return nil
	}
	start, until := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Now().Add(longStore)
	g, err := ground(ctx, func(yield func(event.Event) bool) {
		rows := 0
		for e := range workload(longScale, start, lastDay) {
			if e.Type == "message.sent" {
				rows++
			}
			if rows > longRows || time.Now().After(until) || !yield(e) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	defer g.done()
	p.section("Rows told again: %s of %.1f days at %d×, %d events, as CSV", mostRows, g.now.Sub(start).Hours()/24, longScale, g.n)
	reports := freshchat.Reports()
	report := &reports[slices.IndexFunc(reports, func(r extract.Report) bool { return r.Name == mostRows })]
	told, err := g.tell(ctx, start, report)
	if err != nil {
		return err
	}
	p.add(told.results(mostRows)...)
	if o.postgres == "none" {
		return nil
	}
	source, err := g.open(ctx, start, g.db.Table("journal"), g.db.Table("state"))
	if err != nil {
		return err
	}
	theirs, err := copyOut(ctx, o, source.Run(report, nil))
	if err == nil {
		p.add(theirs.against("telling rows here, and writing them", told.speed()))
	}
	return err
}

// rowsMemory is how much memory rows are to be told in, however many they are, in bytes.
const rowsMemory = 128 << 20

// told is what telling rows took.
type told struct {
	rows, bytes int64
	cpu, kernel time.Duration // all, and what of it was the kernel's
	pages       int64         // read from disk
	first       time.Duration // until the first byte, the longest
	memory      int           // in use, at most, in bytes
}

func (t *told) add(o *told) {
	t.rows, t.bytes, t.cpu = t.rows+o.rows, t.bytes+o.bytes, t.cpu+o.cpu
	t.kernel, t.pages = t.kernel+o.kernel, t.pages+o.pages
	t.first, t.memory = max(t.first, o.first), max(t.memory, o.memory)
}

// speed is in rows a second of processor time.
func (t *told) speed() float64 { return float64(t.rows) / t.cpu.Seconds() }

func (t *told) results(what string) []result {
	return []result{
		{
			What: what, Limit: "target 200,000", Measured: t.speed(), Unit: "rows/s of processor time",
			Detail: fmt.Sprintf("%d rows, %d KB, first byte after %d ms; %.1f of %.1f s the kernel's, %d pages from disk",
				t.rows, t.bytes>>10, t.first.Milliseconds(), t.kernel.Seconds(), t.cpu.Seconds(), t.pages),
		},
		{What: "memory, at most, " + what, Target: rowsMemory >> 20, Measured: float64(t.memory) / (1 << 20), Unit: "MiB"},
	}
}

// tell writes one report to nowhere.
func (g *grounded) tell(ctx context.Context, from time.Time, r *extract.Report) (t told, err error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(rowsMemory - 8<<20)) // what is not the heap's may pass it a little
	debug.FreeOSMemory()
	stop := watchMemory(&t.memory)
	defer stop()
	out := &firstByte{began: time.Now()}
	cpu, kernel, pages := kernelTime()
	source, err := g.open(ctx, from, g.db.Table("journal"), g.db.Table("state"))
	if err != nil {
		return t, err
	}
	err = source.Run(r, func(p extract.Progress) { t.rows = p.Rows }).WriteCSV(out, false)
	t.bytes, t.first = out.n, out.after
	t.cpu, t.kernel, t.pages = kernelTime()
	t.cpu, t.kernel, t.pages = t.cpu-cpu, t.kernel-kernel, t.pages-pages
	return t, err
}

// firstByte is a writer to nowhere that notes when the first byte came.
type firstByte struct {
	began time.Time
	after time.Duration
	n     int64
}

func (f *firstByte) Write(b []byte) (int, error) {
	if f.n == 0 {
		f.after = time.Since(f.began)
	}
	f.n += int64(len(b))
	return len(b), nil
}
