package journal

import (
	"context"
	"fmt"
	"math"
	"strings"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// History is what the journal holds of an entity, or of some time of it.
type History struct {
	// Events are those that count, in the order in which they fold, each source and id
	// once.
	Events []event.Event
	// LeftOut are the others: their source and id were used before for another time, or
	// they were taken back.
	LeftOut []event.Event
	// Retractions are all of the entity, whatever the time; Effective those that take back
	// an event that else would count here.
	Retractions, Effective []event.Event
}

// Read returns the events of an entity with from <= time < to (Unix milliseconds), as
// far as no retraction takes them back.
func (j *Journal) Read(ctx context.Context, e Entity, from, to int64) (h History, err error) {
	var r Records
	if err := j.ReadRecords(ctx, &r, e, from, to, nil); err != nil {
		return h, err
	}
	for _, list := range []struct {
		of *[]event.Event
		in []record
	}{{&h.Events, r.counts}, {&h.LeftOut, r.leftOut}, {&h.Retractions, r.retractions}, {&h.Effective, r.effective}} {
		if *list.of, err = r.all(list.in); err != nil {
			return History{}, err
		}
	}
	return h, nil
}

// Retractions returns all retractions of an entity, in order.
func (j *Journal) Retractions(ctx context.Context, e Entity) ([]event.Event, error) {
	h, err := j.Read(ctx, e, math.MaxInt64, math.MaxInt64) // no time at all
	return h.Retractions, err
}

// Times returns, of the events that retractions mean, when they happened.
func (j *Journal) Times(ctx context.Context, e Entity, retracted []event.Event) ([]int64, error) {
	meant := map[string]bool{} // by the end of the key
	for i := range retracted {
		m := retracted[i].Meant()
		meant[table.Join(keySource(m.Source), m.ID)] = true
	}
	var times []int64
	for item, err := range j.t.Query(ctx, table.Range{Part: e.part(), To: notes}) {
		if err != nil {
			return nil, fmt.Errorf("searching the journal of %s %q: %w", e.Kind, e.ID, err)
		}
		if _, end, ok := strings.Cut(item.Sort, "/"); ok && meant[end] {
			rec, err := Decode(item)
			if err != nil {
				return nil, err
			}
			times = append(times, rec.Event.At)
		}
	}
	return times, nil
}
