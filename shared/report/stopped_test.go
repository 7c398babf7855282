package report_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/table"
)

// leaving is a table whose caller goes away when it has read some records: it counts
// what is read all the same.
type leaving struct {
	table.Table
	gone       context.CancelFunc
	stays      int64 // records read before
	read, late atomic.Int64
}

func (l *leaving) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for item, err := range l.Table.Query(ctx, r) {
			if err == nil && ctx.Err() != nil {
				l.late.Add(1)
			} else if l.read.Add(1) == l.stays {
				l.gone()
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func TestAReportStopsWhenItsCallerHasGone(t *testing.T) {
	state := weekState(t)
	for _, question := range []string{
		"chatVolume?group=hour&timeFrom=2016-03-16T00:00:00&timeTo=2026-03-16T00:00:00",
		"agentPerformance?group=agent&timeFrom=2026-03-09T00:00:00&timeTo=2026-03-16T00:00:00",
		"chatVolume?group=day&timeFrom=2016-03-16T00:00:00&timeTo=2026-03-16T00:00:00&filterName=department&filterValue=1&filterName=campaign&filterValue=1",
		"realtime/rightNow",
	} {
		t.Run(question, func(t *testing.T) {
			all := &leaving{Table: state, gone: func() {}}
			if err := ask(t.Context(), comm100.New(nil, all), question); err != nil {
				t.Fatal(err)
			}
			for _, stays := range []int64{1, all.read.Load() / 2, all.read.Load()} {
				ctx, cancel := context.WithCancel(t.Context())
				l := &leaving{Table: state, gone: cancel, stays: stays}
				err := ask(ctx, comm100.New(nil, l), question)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("gone after %d of %d records, it ended with %v", stays, all.read.Load(), err)
				}
				// What is being read at this moment is not taken back.
				if late, left := l.late.Load(), all.read.Load()-stays; late > left/4 {
					t.Errorf("gone after %d of %d records, it read %d more", stays, all.read.Load(), late)
				}
				cancel()
			}
		})
	}
}
