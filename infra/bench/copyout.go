package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chatreports/shared/dialect"
)

// copyOut puts a sheet's rows into a table of PostgreSQL and measures COPY … TO of it: the
// same columns in the same order, as the same CSV, which is read here and thrown away.
func copyOut(ctx context.Context, o options, s *dialect.Sheet) (out copying, err error) {
	dsn, stop, err := rivalAt(ctx, o)
	if err != nil {
		return out, err
	}
	defer stop()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return out, err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		names[i] = s.Columns[i].Name
	}
	if _, err := conn.Exec(ctx, "drop table if exists bench_rows; create unlogged table bench_rows ("+strings.Join(names, " text, ")+" text)"); err != nil {
		return out, err
	}
	in, written := io.Pipe()
	go func() { _ = written.CloseWithError(s.WriteCSV(written, false)) }()
	tag, err := conn.PgConn().CopyFrom(ctx, in, "copy bench_rows from stdin with (format csv, header)")
	_ = in.Close()
	if err != nil {
		return out, err
	}
	if _, err := conn.Exec(ctx, "vacuum bench_rows"); err != nil { // so that the first reader has no marks to set
		return out, err
	}
	pid := int(conn.PgConn().PID()) // of the process that serves the connection
	before, err := cpuOf(pid)
	if err != nil {
		return out, err
	}
	began := time.Now()
	copied, err := conn.PgConn().CopyTo(ctx, io.Discard, "copy bench_rows to stdout with (format csv, header)")
	if err == nil && copied.RowsAffected() != tag.RowsAffected() {
		err = fmt.Errorf("PostgreSQL copied %d rows, not %d", copied.RowsAffected(), tag.RowsAffected())
	}
	out.rows, out.took = tag.RowsAffected(), time.Since(began)
	after, failed := cpuOf(pid)
	out.cpu = after - before
	if err == nil {
		err = failed
	}
	return out, err
}

// copying is what copying rows out took: processor time is of the server's process alone.
type copying struct {
	rows      int64
	cpu, took time.Duration
}

// against compares it with so many rows a second of processor time of something.
func (c copying) against(what string, ours float64) result {
	theirs := float64(c.rows) / c.cpu.Seconds()
	return result{
		What: what + ", and COPY … TO of PostgreSQL", Measured: ours / theirs, Unit: "times as fast",
		Detail: fmt.Sprintf("%.0f and %.0f rows/s of processor time; it took %.1f s for %d rows", ours, theirs, c.took.Seconds(), c.rows),
	}
}

// cpuOf is the processor time that a process of this machine has used, as Linux counts it:
// in hundredths of a second.
func cpuOf(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("the peer's processor time: %w", err)
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // its name ends there
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("the peer's processor time is not in %q", raw)
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, err
}
