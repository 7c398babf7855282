package journal

import (
	"context"
	"fmt"
	"math"
	"slices"
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
func (j *Journal) Read(ctx context.Context, e Entity, from, to int64) (History, error) {
	ranges := []table.Range{{Part: e.part(), From: sortTime(from), To: sortTime(to)}, table.Prefix(e.part(), retractions)}
	if from == math.MinInt64 && to == math.MaxInt64 {
		ranges = []table.Range{{Part: e.part()}}
	}
	var items []table.Item
	for _, r := range ranges {
		for item, err := range j.t.Query(ctx, r) {
			if err != nil {
				return History{}, fmt.Errorf("reading the journal of %s %q: %w", e.Kind, e.ID, err)
			}
			if !IsNote(item) {
				items = append(items, item)
			}
		}
	}
	h := make(records, len(items))
	events := make([]event.Event, len(items)) // they are large, and so none is copied but where some are left out
	for i := range items {
		h[i].Event = &events[i]
		var err error
		if h[i].stored, err = decodeInto(items[i], h[i].Event); err != nil {
			return History{}, err
		}
	}
	return h.settle(events), nil
}

// records are the events of one entity, and when each was stored.
type records []struct {
	*event.Event
	stored int64
}

type identity struct{ source, id string }

// settle sorts the events, which records are of, into folding order and leaves out, of
// those with the same source and id, all but the one stored first, and what is taken back.
func (r records) settle(events []event.Event) (h History) {
	order := func(a, b event.Event) int { return event.Compare(&a, &b) }
	first := make(map[identity]int, len(r))
	retracted := false
	for i := range r {
		id := identity{r[i].Source, r[i].ID}
		if n, ok := first[id]; !ok || r[i].stored < r[n].stored {
			first[id] = i
		}
		retracted = retracted || r[i].Type == event.Retracted
	}
	if len(first) == len(r) && !retracted {
		slices.SortFunc(events, order)
		return History{Events: events}
	}
	counts := func(i int) bool { return first[identity{r[i].Source, r[i].ID}] == i }
	type meant struct {
		identity
		typ string
	}
	taken := map[meant][]event.Event{}
	for i := range r {
		if e := r[i].Event; e.Type == event.Retracted {
			h.Retractions = append(h.Retractions, *e)
			if m := e.Meant(); counts(i) {
				key := meant{identity{m.Source, m.ID}, m.Type}
				taken[key] = append(taken[key], *e)
			}
		}
	}
	for i := range r {
		e := r[i].Event
		by := taken[meant{identity{e.Source, e.ID}, e.Type}]
		switch {
		case e.Type == event.Retracted:
		case !counts(i):
			h.LeftOut = append(h.LeftOut, *e)
		case len(by) > 0:
			h.LeftOut, h.Effective = append(h.LeftOut, *e), append(h.Effective, by...)
		default:
			h.Events = append(h.Events, *e)
		}
	}
	slices.SortFunc(h.Events, order)
	slices.SortFunc(h.Retractions, order)
	slices.SortFunc(h.Effective, order)
	return h
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
