package verify_test

import (
	"context"
	"iter"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/event"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// TestWhatLastsForCenturies: somebody's clock was never set. What it says counts exactly,
// before 1970 too, and costs what its events cost, not what the time between them would:
// in records, in quarters looked at and in everybody's next reports.
func TestWhatLastsForCenturies(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	year1 := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	old := func(d time.Duration) int64 { return year1.Add(d).UnixMilli() }
	today := func(d time.Duration) int64 { return start.Add(d).UnixMilli() }
	request := event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "x"}
	queue := event.Data{RouteTo: &event.Route{Type: "department", ID: "x"}}
	events := []event.Event{
		{ID: "1", Source: "s", Type: "visit.started", Subject: "v", At: old(0)},
		{ID: "2", Source: "s", Type: "agent.status_changed", Subject: "1", At: old(time.Hour), Data: event.Data{Status: "online"}},
		{ID: "3", Source: "s", Type: "chat.requested", Subject: "c1", At: old(0), Data: request},
		{ID: "4", Source: "s", Type: "chat.accepted", Subject: "c1", At: old(time.Minute), Data: event.Data{AgentID: "1", DepartmentID: "x"}},
		{ID: "5", Source: "s", Type: "chat.requested", Subject: "c2", At: old(0), Data: request},
		{ID: "6", Source: "s", Type: "chat.queued", Subject: "c2", At: old(0), Data: queue},
		{ID: "7", Source: "s", Type: "chat.requested", Subject: "c3", At: today(0), Data: request},
		{ID: "8", Source: "s", Type: "chat.queued", Subject: "c3", At: today(0), Data: queue},
		{ID: "9", Source: "s", Type: "chat.closed", Subject: "c1", At: today(9 * time.Hour)},
		{ID: "10", Source: "s", Type: "agent.status_changed", Subject: "1", At: today(10 * time.Hour), Data: event.Data{Status: "offline"}},
		{ID: "11", Source: "s", Type: "chat.abandoned", Subject: "c2", At: today(11 * time.Hour)},
		{ID: "12", Source: "s", Type: "chat.abandoned", Subject: "c3", At: today(12 * time.Hour)},
	}
	bucket := func(from, to int64) report.Bucket { return report.Bucket{From: from, To: to} }
	// In the middle of nowhere, cut quarters at both ends.
	lost := time.Date(1066, 10, 14, 9, 7, 0, 0, time.UTC).UnixMilli()
	ranges := map[string][]report.Bucket{
		"today":        {bucket(today(0), today(5*time.Minute)), bucket(today(5*time.Minute), today(24*time.Hour))},
		"in between":   {bucket(lost, lost+100*cell.DayMillis)},
		"everything":   {bucket(old(-time.Hour), today(24*time.Hour))},
		"the first":    {bucket(old(0), old(24*time.Hour))},
		"before, hour": {bucket(old(-time.Hour), old(0)), bucket(old(0), old(time.Hour))},
	}
	// length is what of [from, to) lies in a bucket.
	length := func(b report.Bucket, from, to int64) int64 { return max(0, min(b.To, to)-max(b.From, from)) }
	check := func(when string) {
		t.Helper()
		for name, buckets := range ranges {
			wants := []measure.ID{measure.Visits, measure.ChatRequests, measure.LoggedIn, measure.OnlineAny, measure.LinearChatTime, measure.ChatTime, measure.MaxQueueSize}
			q := report.Query{Buckets: buckets}
			for _, id := range wants {
				q.Want = append(q.Want, report.Want{Measure: id})
			}
			counted := &countedReads{Table: s.state}
			snapshot, err := report.Open(t.Context(), counted, acme, s.now)
			if err != nil {
				t.Fatal(err)
			}
			result, err := snapshot.Run(&q)
			if err != nil {
				t.Fatal(err)
			}
			if counted.reads.Load() > 120 {
				t.Errorf("%s, %s: %d reads", when, name, counted.reads.Load())
			}
			for i, b := range buckets {
				points := func(at ...int64) (n int64) {
					for _, ms := range at {
						n += min(1, length(b, ms, ms+1))
					}
					return n
				}
				queued := int64(0)
				if length(b, old(0), today(11*time.Hour)) > 0 || length(b, today(0), today(12*time.Hour)) > 0 {
					queued = 1
				}
				if length(b, today(0), today(11*time.Hour)) > 0 {
					queued = 2
				}
				for n, want := range []int64{
					points(old(0)), points(old(0), old(0), today(0)),
					length(b, old(time.Hour), today(10*time.Hour)), length(b, old(time.Hour), today(10*time.Hour)),
					length(b, old(time.Hour), today(9*time.Hour)), length(b, old(time.Minute), today(9*time.Hour)), queued,
				} {
					total := result.At("", i, n)
					got := total.N
					switch measure.Get(wants[n]).Shape {
					case measure.Level:
						got = total.Millis
					case measure.Step:
						got = total.Present()
					}
					if got != want {
						t.Errorf("%s, %s, bucket %d, %s: %d, want %d", when, name, i, measure.Get(wants[n]).Name, got, want)
					}
				}
			}
			for n, id := range []measure.ID{measure.LoggedIn, measure.LinearChatTime, measure.ChatTime} {
				rows, sum := 0, int64(0)
				for r, err := range snapshot.Rows(&q, report.Pick{Measures: []measure.ID{id}, Buckets: []int{0}, From: math.MinInt64}) {
					if err != nil {
						t.Fatal(err)
					}
					rows, sum = rows+1, sum+r.Millis
				}
				if want := result.At("", 0, []int{2, 4, 5}[n]).Millis; sum != want {
					t.Errorf("%s, %s: %d rows of %s add up to %d, want %d", when, name, rows, measure.Get(id).Name, sum, want)
				}
			}
		}
	}
	counted := &countedReads{Table: s.state}
	s.state = counted
	if err := apply(s.folder(), s.append(events), 3); err != nil {
		t.Fatal(err)
	}
	check("before the merge")
	s.merge()
	if counted.written > 20_000 {
		t.Errorf("%d records were written for %d events", counted.written, len(events))
	}
	check("after the merge")
	s.verify()
	// The agent was offline for an hour in the middle, the chat ended long ago after all.
	more := []event.Event{
		{ID: "13", Source: "s", Type: "agent.status_changed", Subject: "1", At: lost, Data: event.Data{Status: "offline"}},
		{ID: "14", Source: "s", Type: "agent.status_changed", Subject: "1", At: lost + 3600_000, Data: event.Data{Status: "online"}},
	}
	if err := apply(s.folder(), s.append(more), 1); err != nil {
		t.Fatal(err)
	}
	off := report.Bucket{From: lost - 3600_000, To: lost + 2*3600_000}
	for _, when := range []string{"before", "after"} {
		snapshot, err := report.Open(t.Context(), s.state, acme, s.now)
		if err != nil {
			t.Fatal(err)
		}
		q := report.Query{Buckets: []report.Bucket{off}, Want: []report.Want{{Measure: measure.LinearChatTime}, {Measure: measure.LoggedIn}}}
		result, err := snapshot.Run(&q)
		if err != nil {
			t.Fatal(err)
		}
		for n := range q.Want {
			if got := result.At("", 0, n).Millis; got != 2*3600_000 {
				t.Errorf("%s the merge, with an hour offline in between: %d", when, got)
			}
		}
		s.merge()
	}
	s.verify()
}

// countedReads counts the queries and the records written.
type countedReads struct {
	table.Table
	reads   atomic.Int64
	written int
}

func (c *countedReads) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	c.reads.Add(1)
	return c.Table.Query(ctx, r)
}

func (c *countedReads) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	c.written += len(ops)
	return c.Table.PutEach(ctx, ops...)
}
