package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"chatreports/shared/event"
	"chatreports/shared/iana"
	"chatreports/shared/table"
)

// peer is PostgreSQL with the raw events in one table, indexed as such a table
// would be.
type peer struct{ conn *pgx.Conn }

const schema = `
drop table if exists bench_events;
create unlogged table bench_events (
	kind text not null, subject text not null, at bigint not null,
	type text not null, id text not null, source text not null, data jsonb not null)`

const indexes = `
create unique index on bench_events (kind, subject, at, source, id);
create index on bench_events (type, at)`

// load stores events.
func (p *peer) load(ctx context.Context, events iter.Seq[event.Event]) error {
	if _, err := p.conn.Exec(ctx, schema); err != nil {
		return err
	}
	next, stop := iter.Pull(events)
	defer stop()
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		e, ok := next()
		if !ok {
			return nil, nil
		}
		data, err := json.Marshal(&e.Data)
		kind, subject := e.Entity()
		return []any{kind, subject, e.At, e.Type, e.ID, e.Source, data}, err
	})
	if _, err := p.conn.CopyFrom(ctx, pgx.Identifier{"bench_events"}, []string{"kind", "subject", "at", "type", "id", "source", "data"}, rows); err != nil {
		return err
	}
	for _, sql := range []string{indexes, `vacuum analyze bench_events`} {
		if _, err := p.conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// rival is a question with the SQL that answers it.
type rival struct {
	question
	sql      string
	from, to time.Time
	zone     string
	period   string
}

// rivals are the reports that are asked of both.
func rivals() (out []rival) {
	for _, zone := range []string{"UTC", "Asia/Kathmandu"} {
		in, err := iana.Zone(zone)
		if err != nil {
			continue
		}
		for _, q := range []struct{ path, sql string }{{"chatVolume", volumeSQL}, {"queue", queueSQL}, {"waitTime", waitSQL}} {
			for _, period := range []string{"day", "month"} {
				from, to := time.Date(2026, 3, 1, 0, 0, 0, 0, in), time.Date(2026, 4, 1, 0, 0, 0, 0, in)
				out = append(out, rival{ask(q.path, period, zone, from, to), q.sql, from, to, zone, period})
			}
		}
	}
	return out
}

// rows asks the SQL: a map of columns by the beginning of the bucket.
func (p *peer) rows(ctx context.Context, r *rival) (map[string]map[string]float64, error) {
	rows, err := p.conn.Query(ctx, r.sql, r.from.UnixMilli(), r.to.UnixMilli(), r.zone, r.period)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]map[string]float64{}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return nil, err
		}
		row := map[string]float64{}
		for i, f := range rows.FieldDescriptions()[1:] {
			row[f.Name], _ = values[i+1].(float64)
		}
		out[values[0].(time.Time).Format("2006-01-02T15:04:05")] = row
	}
	return out, rows.Err()
}

// agrees is nil if the peer's answer is the product's.
func (p *peer) agrees(ctx context.Context, r *rival, state table.Table, now time.Time) error {
	want, err := p.rows(ctx, r)
	if err != nil {
		return fmt.Errorf("the peer's %v: %w", r.question, err)
	}
	body, err := answer(ctx, state, r.question, now)
	if err != nil {
		return err
	}
	if err := differs(body, want); err != nil {
		return fmt.Errorf("%v: %w", r.question, err)
	}
	return nil
}

// differs says where the product's answer is not the peer's.
func differs(body []byte, want map[string]map[string]float64) error {
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal(body, &rows); err != nil {
		return err
	}
	seen := 0
	for _, row := range rows {
		var bucket struct{ From string }
		if err := json.Unmarshal(row["time"], &bucket); err != nil {
			return err
		}
		peer, ok := want[bucket.From]
		if ok {
			seen++
		}
		for column, raw := range row {
			if column == "time" {
				continue
			}
			var v float64
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			if math.Abs(v-peer[column]) > 1e-6*math.Max(1, math.Abs(v)) {
				return fmt.Errorf("%s of %s is %v here and %v there", column, bucket.From, v, peer[column])
			}
		}
	}
	if seen != len(want) {
		return fmt.Errorf("%d buckets here, %d there", len(rows), len(want))
	}
	return nil
}
