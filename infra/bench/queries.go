package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// openQuery is a query of conversations, and what it is in SQL over a table of documents.
type openQuery struct {
	name, filter, where string
	most                float64 // milliseconds that it may take
}

// openQueries are over the year before yearEnd.
var openQueries = []openQuery{
	{
		"created within a month", `{"property": "createdAt", "operation": "BETWEEN", "values": ["2025-06-01", "2025-07-01"]}`,
		`createdAt between epoch_ms(date '2025-06-01') and epoch_ms(date '2025-07-01')`, 300,
	},
	{
		"closed on a day", `{"property": "firstCloseAt", "operation": "BETWEEN", "values": ["2025-06-02", "2025-06-03"]}`,
		`firstCloseAt between epoch_ms(date '2025-06-02') and epoch_ms(date '2025-06-03')`, 0,
	},
	{
		"changed in the last week", `{"property": "updatedAt", "operation": "GTE", "values": ["2025-12-25"]}`,
		`updatedAt >= epoch_ms(date '2025-12-25')`, 0,
	},
	{
		"of one agent: all are looked at", `{"property": "lastAgentId", "operation": "EQ", "values": [7]}`,
		`lastAgentId = '7'`, float64(drift.Longest.Milliseconds()),
	},
	{
		"three by their ids", `{"property": "id", "operation": "IN", "values": [947943100000007, "947943100004711", 947943100009999]}`,
		`id in ('947943100000007', '947943100004711', '947943100009999')`, 0,
	},
}

// wantedMetrics are those that every query tells.
var wantedMetrics = []string{"timeToCloseMillis", "timeToAgentResponseMillis", "createdAt", "numAgentMessages"}

func (q *openQuery) body() []byte {
	return []byte(`{"filters": [` + q.filter + `], "metrics": ["` + strings.Join(wantedMetrics, `", "`) + `"]}`)
}

func (q *openQuery) sql() string {
	return "select id, " + strings.Join(wantedMetrics, ", ") + " from documents where " + q.where + " order by createdAt, id"
}

// queries asks Drift's queries of a year of conversations, and DuckDB the same.
func queries(ctx context.Context, p *printer, o options) error {
	for _, n := range o.conversations {
		if err := queriesOf(ctx, p, o, n); err != nil {
			return fmt.Errorf("of %d conversations: %w", n, err)
		}
	}
	return nil
}

func queriesOf(ctx context.Context, p *printer, o options, n int) error {
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
	documents := filepath.Join(dir, "documents.csv")
	began := time.Now()
	state, err := fillYear(ctx, db.Table("journal"), db.Table("state"), n, documents)
	if err != nil {
		return err
	}
	p.section("Drift's queries of %d conversations in a year, on the embedded engine (filled in %.0f s)", n, time.Since(began).Seconds())
	rival, err := startDuck(ctx, o.python, documents)
	if err != nil {
		return err
	}
	if rival == nil {
		_, _ = fmt.Fprintln(p.out, "  without DuckDB: --python names no interpreter that has it")
	} else {
		defer rival.stop()
	}
	for i := range openQueries {
		if err := openQueries[i].run(ctx, p, state, rival, dir); err != nil {
			return fmt.Errorf("%s: %w", openQueries[i].name, err)
		}
	}
	return nil
}

// fillYear takes a year of conversations into two tables, merges all of it, and writes
// the table of documents into a file.
func fillYear(ctx context.Context, journal, state table.Table, n int, file string) (table.Table, error) {
	year, err := aYear(n, file)
	if err != nil {
		return nil, err
	}
	c := newChain(journal, state)
	if _, err := c.backfill(ctx, year.events); err != nil {
		return nil, err
	}
	if err := year.close(); err != nil {
		return nil, err
	}
	return c.state, counter.Merge(ctx, c.state, acme.ID)
}

// asking answers a query as a function does, in a format; each call is a minute after the
// one before, since a tenant may not ask any often.
type asking struct {
	state table.Table
	now   time.Time
}

func (a *asking) answer(ctx context.Context, q *openQuery, format string) ([]byte, error) {
	a.now = a.now.Add(time.Minute)
	api := drift.New(nil, a.state, func() time.Time { return a.now })
	answer, err := api.Answer(ctx, &dialect.Request{Tenant: &acme, Path: drift.Path, Body: q.body(), Accept: format, Now: yearEnd})
	if err != nil {
		return nil, err
	}
	return answer.Bytes()
}

// run compares the answers, and then what they take.
func (q *openQuery) run(ctx context.Context, p *printer, state table.Table, rival *duck, dir string) error {
	count := newCounted(state, stateKind)
	count.quiet = quiet
	rows, err := (&asking{count, yearEnd}).answer(ctx, q, "text/csv")
	if err != nil {
		return err
	}
	if rival != nil {
		if err := rival.agrees(q, rows, filepath.Join(dir, "rows.csv")); err != nil {
			return err
		}
	}
	uncounted := &asking{state, yearEnd}
	ours, err := measured(300*time.Millisecond, func() error {
		_, err := uncounted.answer(ctx, q, "application/json")
		return err
	})
	if err != nil {
		return err
	}
	got := count.tally()
	found := strings.Count(string(rows), "\n") - 1
	p.add(
		result{What: q.name + ", read units", Measured: float64(sum(got.ReadUnits)), Unit: "RU", Detail: fmt.Sprintf("%d found, %v", found, got.ReadUnits)},
		result{What: q.name + ", round trips one after another", Measured: float64(got.Depth), Detail: "one of them is to count the call"},
		result{What: q.name, Target: q.most, Measured: float64(ours.Wall) / 1e6, Unit: "ms", Detail: fmt.Sprintf("%.1f ms of processor time, %.0f MB allocated", float64(ours.CPU)/1e6, ours.Bytes/1e6)},
	)
	if rival == nil {
		return nil
	}
	theirs, err := rival.time(q)
	if err != nil {
		return err
	}
	p.add(result{What: q.name + ", DuckDB", Measured: theirs.Wall, Unit: "ms", Detail: fmt.Sprintf(
		"%.1f ms of processor time; here it takes %.3g times as long, and %.3g times the processor time",
		theirs.CPU, float64(ours.Wall)/1e6/theirs.Wall, float64(ours.CPU)/1e6/theirs.CPU)})
	return nil
}
