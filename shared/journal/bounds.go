package journal

import (
	"context"
	"fmt"

	"chatreports/shared/table"
)

// Bounds are when the first and the last event of an entity happened, those too that were
// taken back; ok is false if there is none.
func (j *Journal) Bounds(ctx context.Context, e Entity) (first, last int64, ok bool, err error) {
	for _, end := range []struct {
		at      *int64
		reverse bool
	}{{&first, false}, {&last, true}} {
		for item, err := range j.t.Query(ctx, table.Range{Part: e.part(), To: notes, Reverse: end.reverse, Limit: 1}) {
			if err != nil {
				return 0, 0, false, fmt.Errorf("looking for the first and the last event of %s %q: %w", e.Kind, e.ID, err)
			}
			rec, err := Decode(item)
			if err != nil {
				return 0, 0, false, err
			}
			*end.at, ok = rec.Event.At, true
		}
	}
	return first, last, ok, nil
}

// Stored lists when the events of an entity with from <= time < to (Unix milliseconds), and all
// its retractions, were stored, in Unix nanoseconds and in no order.
func (j *Journal) Stored(ctx context.Context, e Entity, from, to int64) (nanos []int64, err error) {
	for _, of := range []table.Range{{Part: e.part(), From: sortTime(from), To: sortTime(to)}, {Part: e.part(), From: retractions}} {
		for item, err := range j.t.Query(ctx, of) {
			if err != nil {
				return nil, fmt.Errorf("looking when events of %s %q were stored: %w", e.Kind, e.ID, err)
			}
			rec, err := Decode(item)
			if err != nil {
				return nil, err
			}
			nanos = append(nanos, rec.Stored)
		}
	}
	return nanos, nil
}
