package journal

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// Outcome is what became of an event that was appended.
type Outcome struct {
	// Fresh: it was stored now; else the journal, or the same Append, has one with its
	// entity, time, source and id.
	Fresh bool
	// Conflict says what else uses its source and id.
	Conflict Conflict
}

// Conflict is another use of a source and id.
type Conflict uint8

const (
	// Alone: there is none that was noticed.
	Alone Conflict = iota
	// OtherContent: the event that is stored with the same entity and time says
	// something else. It stands.
	OtherContent
	// OtherTime: the same Append has an event of the entity with another time.
	OtherTime
)

// Append stores events, each on its own and only if the journal has none with the same
// entity, time, source and id. On an error some may have been stored: append all of
// them again, at another time: by when each was stored an engine that lost an answer tells
// an event of this Append from the same event of another.
func (j *Journal) Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) ([]Outcome, error) {
	type identity struct {
		entity     Entity
		source, id string
	}
	var ops []table.Op
	at := make([]int, len(events)) // index of the event's operation
	first := make(map[table.Key]int, len(events))
	times := make(map[identity]int64, len(events))
	out := make([]Outcome, len(events))
	for i := range events {
		e := &events[i]
		item, err := encode(entityOf(tenant, e), e, stored.UnixNano()+int64(i))
		if err != nil {
			return nil, fmt.Errorf("encoding event %q: %w", e.ID, err)
		}
		id := identity{entityOf(tenant, e), e.Source, e.ID}
		if other, ok := times[id]; ok && other != e.At {
			out[i].Conflict = OtherTime
		} else {
			times[id] = e.At
		}
		n, ok := first[item.Key]
		if !ok {
			n = len(ops)
			first[item.Key], out[i].Fresh = n, true
			ops = append(ops, table.Op{Item: item, If: table.Absent})
		}
		at[i] = n
		if !ok {
			continue
		}
		if differs, err := different(item, ops[n].Item); err != nil {
			return nil, err
		} else if differs {
			out[i].Conflict = OtherContent
		}
	}
	own := len(ops)
	ops = append(ops, pointers(tenant, events)...)
	stood, err := j.t.PutEach(ctx, ops...)
	if err != nil {
		return nil, fmt.Errorf("appending %d events: %w", own, err)
	}
	for i, n := range at {
		if stood[n] == nil {
			continue
		}
		out[i].Fresh = false
		item, err := encode(entityOf(tenant, &events[i]), &events[i], 0)
		if err != nil {
			return nil, err
		}
		if differs, err := different(item, *stood[n]); err != nil {
			return nil, err
		} else if differs {
			out[i].Conflict = OtherContent
		}
	}
	return out, j.carry(ctx, tenant, events, stored)
}

func entityOf(tenant string, e *event.Event) Entity {
	kind, id := e.Entity()
	return Entity{tenant, kind, id}
}

// different says whether two items of one key hold other content. It compares what they
// say: the bytes of an older version may differ.
func different(a, b table.Item) (bool, error) {
	x, err := Decode(a)
	if err != nil {
		return false, err
	}
	y, err := Decode(b)
	x.Event.Data.Wide, y.Event.Data.Wide = false, false // not what was sent
	return !reflect.DeepEqual(x.Event, y.Event), err
}

// Same says whether two events say the same of the same entity at the same time, whatever
// they are called.
func Same(tenant string, a, b *event.Event) (bool, error) {
	x, err := encode(entityOf(tenant, a), a, 0)
	if err != nil {
		return false, err
	}
	other := *b
	other.ID, other.Source = a.ID, a.Source
	y, err := encode(entityOf(tenant, &other), &other, 0)
	if err != nil || x.Key != y.Key {
		return false, err
	}
	differs, err := different(x, y)
	return !differs, err
}
