package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

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

// copied measures COPY … TO of a table that holds the same rows, and compares it with the
// CSV: both are read here, and thrown away.
func (d *rowsOfDay) copied(ctx context.Context, p *printer, o options, n int) error {
	dsn, stop, err := rivalAt(ctx, o)
	if err != nil {
		return err
	}
	defer stop()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	names := make([]string, len(d.columns))
	for i := range d.columns {
		names[i] = d.columns[i].Name
	}
	if _, err := conn.Exec(ctx, "drop table if exists bench_rows; create unlogged table bench_rows ("+strings.Join(names, " text, ")+" text)"); err != nil {
		return err
	}
	values := pgx.CopyFromSlice(n, func(i int) ([]any, error) {
		row := make([]any, len(names))
		for j, cell := range d.rows[i%len(d.rows)] {
			row[j] = cell
		}
		return row, nil
	})
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"bench_rows"}, names, values); err != nil {
		return err
	}
	shortest := func(do func() error) (time.Duration, error) {
		took := time.Duration(math.MaxInt64)
		for range 3 {
			began := time.Now()
			if err := do(); err != nil {
				return 0, err
			}
			took = min(took, time.Since(began))
		}
		return took, nil
	}
	theirs, err := shortest(func() error {
		tag, err := conn.PgConn().CopyTo(ctx, io.Discard, "copy bench_rows to stdout with (format csv, header)")
		if err == nil && int(tag.RowsAffected()) != n {
			err = fmt.Errorf("PostgreSQL copied %d rows, not %d", tag.RowsAffected(), n)
		}
		return err
	})
	if err != nil {
		return err
	}
	ours, err := shortest(func() error { return file.CSV.Write(io.Discard, d.sheet(n), file.Options{}) })
	if err != nil {
		return err
	}
	p.add(result{
		What: "CSV here, and COPY … TO of PostgreSQL", Measured: float64(theirs) / float64(ours), Unit: "times as fast",
		Detail: fmt.Sprintf("%.0f and %.0f rows/s", float64(n)/ours.Seconds(), float64(n)/theirs.Seconds()),
	})
	return nil
}
