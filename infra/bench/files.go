package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
)

// How many rows are written: those of a day, again and again.
const (
	manyRows  = 2_000_000
	quickRows = 200_000
)

// files measures what rows cost to be written, in each format, and what PostgreSQL takes to
// copy the same rows out of a table.
func files(ctx context.Context, p *printer, o options) error {
	day, err := dayOf(ctx)
	if err != nil {
		return err
	}
	n := manyRows
	if o.quick {
		n = quickRows
	}
	p.section("Files: %d rows of Message-Sent (those of a day, again and again) written, not counting what telling them takes", n)
	for _, f := range []file.Format{file.ZIP, file.CSV, file.JSONL, file.Parquet} {
		if err := day.write(p, f, n); err != nil {
			return fmt.Errorf("writing %s: %w", f.Name, err)
		}
	}
	if o.postgres == "none" {
		return nil
	}
	return day.copied(ctx, p, o, n)
}

// rowsOfDay are the rows of a day, as they were told.
type rowsOfDay struct {
	columns []dialect.Column
	rows    [][]string
}

// dayOf tells a day at 1×.
func dayOf(ctx context.Context) (*rowsOfDay, error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	end := lastDay.AddDate(0, 0, 1)
	db, _, _, err := stored(ctx, dir, workload(1, lastDay, end))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	hours, err := dialect.BusinessHours(&acme)
	if err != nil {
		return nil, err
	}
	ground := &extract.Ground{Journal: db.Table("journal"), State: db.Table("state"), Dir: dir}
	source, err := ground.Open(ctx, &extract.Window{Tenant: &acme, From: lastDay.UnixMilli(), To: end.UnixMilli(), Now: end.UnixMilli(), Hours: hours})
	if err != nil {
		return nil, err
	}
	reports := freshchat.Reports()
	sheet := source.Run(&reports[slices.IndexFunc(reports, func(r extract.Report) bool { return r.Name == "Message-Sent" })], nil)
	day := &rowsOfDay{columns: sheet.Columns}
	for cells, err := range sheet.Rows {
		if err != nil {
			return nil, err
		}
		day.rows = append(day.rows, slices.Clone(cells))
	}
	return day, nil
}

// sheet is so many rows.
func (d *rowsOfDay) sheet(n int) *dialect.Sheet {
	return &dialect.Sheet{Columns: d.columns, Rows: func(yield func([]string, error) bool) {
		for i := range n {
			if !yield(d.rows[i%len(d.rows)], nil) {
				return
			}
		}
	}}
}

// write writes so many rows in a format, to nowhere.
func (d *rowsOfDay) write(p *printer, f file.Format, n int) error {
	debug.FreeOSMemory()
	before, peak := memoryUsed(), 0
	out := &firstByte{began: time.Now()}
	stop := watchMemory(&peak)
	cpu := cpuTime()
	err := f.Write(out, d.sheet(n), file.Options{Name: "rows", At: lastDay})
	cpu = cpuTime() - cpu
	stop()
	if err != nil {
		return err
	}
	p.add(
		result{What: f.Name, Limit: "target 200,000", Measured: float64(n) / cpu.Seconds(), Unit: "rows/s of processor time", Detail: fmt.Sprintf("%.1f MB", float64(out.n)/1e6)},
		result{What: "memory, at most, " + f.Name, Target: 128, Measured: float64(peak) / (1 << 20), Unit: "MiB", Detail: fmt.Sprintf("%d MiB before it began", before>>20)},
	)
	return nil
}

// watchMemory notes the most memory that is used, until it is stopped.
func watchMemory(peak *int) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			*peak = max(*peak, memoryUsed())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

// copied compares the CSV with what PostgreSQL takes to copy the same rows out of a table.
func (d *rowsOfDay) copied(ctx context.Context, p *printer, o options, n int) error {
	theirs, err := copyOut(ctx, o, d.sheet(n))
	if err != nil {
		return err
	}
	cpu := cpuTime()
	if err := file.CSV.Write(io.Discard, d.sheet(n), file.Options{}); err != nil {
		return err
	}
	p.add(theirs.against("CSV here", float64(n)/(cpuTime()-cpu).Seconds()))
	return nil
}
