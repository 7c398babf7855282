package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
	"chatreports/shared/table/embedded"
)

// rowsOut tells a day's rows again, at each scale, as CSV: of every raw report, and of the
// one with the most rows. Both tables are on the embedded engine.
func rowsOut(ctx context.Context, p *printer, o options) error {
	p.section("Rows told again: a day's raw reports as CSV, on the embedded engine")
	for _, scale := range o.scales {
		if err := dayOfRows(ctx, p, scale); err != nil {
			return err
		}
	}
	return nil
}

func dayOfRows(ctx context.Context, p *printer, scale float64) error {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	end := lastDay.AddDate(0, 0, 1)
	n, err := newChain(db.Table("journal"), db.Table("state")).backfill(ctx, workload(scale, lastDay, end))
	if err != nil {
		return err
	}
	counters := newCounters(db.Table("journal"), db.Table("state"))
	ground := &extract.Ground{Journal: counters.journal, State: counters.state, Dir: dir}
	hours, err := dialect.BusinessHours(&acme)
	if err != nil {
		return err
	}
	w := &extract.Window{Tenant: &acme, From: lastDay.UnixMilli(), To: end.UnixMilli(), Now: end.UnixMilli(), Hours: hours}
	var all told
	reports := freshchat.Reports()
	for i := range reports {
		one, err := tell(ctx, ground, w, &reports[i])
		if err != nil {
			return fmt.Errorf("%s: %w", reports[i].Name, err)
		}
		all.add(&one)
		if reports[i].Name == "Message-Sent" {
			p.add(one.result(fmt.Sprintf("Message-Sent at %g×", scale)))
		}
	}
	all.units = sum(counters.tally().ReadUnits)
	r := all.result(fmt.Sprintf("all %d reports at %g×, %d events", len(reports), scale, n))
	p.add(r, result{What: fmt.Sprintf("read units a report at %g×", scale), Measured: float64(all.units) / float64(len(reports)), Unit: "RU"})
	return nil
}

// rowsMemory is how much memory rows are to be told in, however many they are.
const rowsMemory = 128 << 20

// told is what telling rows took.
type told struct {
	rows, bytes int64
	cpu         time.Duration
	first       time.Duration // until the first byte, the longest
	heap        uint64        // in use, at most
	units       int
}

func (t *told) add(o *told) {
	t.rows, t.bytes, t.cpu = t.rows+o.rows, t.bytes+o.bytes, t.cpu+o.cpu
	t.first, t.heap = max(t.first, o.first), max(t.heap, o.heap)
}

func (t *told) result(what string) result {
	return result{
		What: what, Limit: "target 200,000", Measured: float64(t.rows) / t.cpu.Seconds(), Unit: "rows/s of processor time",
		Detail: fmt.Sprintf("%d rows, %d KB, first byte after %d ms, %d MB of heap in use at most", t.rows, t.bytes>>10, t.first.Milliseconds(), t.heap>>20),
	}
}

// tell writes one report to nowhere.
func tell(ctx context.Context, g *extract.Ground, w *extract.Window, r *extract.Report) (t told, err error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(rowsMemory))
	runtime.GC()
	began, cpu := time.Now(), cpuTime()
	source, err := g.Open(ctx, w)
	if err != nil {
		return t, err
	}
	sheet := source.Run(r, nil)
	rows := sheet.Rows
	watched := &dialect.Sheet{Columns: sheet.Columns, Rows: func(yield func([]string, error) bool) {
		for cells, err := range rows {
			if t.rows++; t.rows%2000 == 1 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				t.heap = max(t.heap, m.HeapInuse)
			}
			if !yield(cells, err) {
				return
			}
		}
	}}
	out := &firstByte{began: began}
	err = watched.WriteCSV(out, false)
	t.bytes, t.first, t.cpu = out.n, out.after, cpuTime()-cpu
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
