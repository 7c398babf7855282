// Package journal keeps every event once, by entity and time: the truth from
// which everything else can be recomputed. In: parsed events of one tenant. Out:
// which of them were new, and the events of an entity. It knows nothing of facts
// or reports, and has no clock.
package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// maxKeySource is the longest source written into a key as it is.
const maxKeySource = 128

// Journal is the table of events.
type Journal struct{ t table.Table }

// New returns the journal kept in t.
func New(t table.Table) *Journal { return &Journal{t} }

// Entity is what events are folded into: one chat, visitor, agent, … of a tenant.
type Entity struct{ Tenant, Kind, ID string }

// Record is one event as the journal holds it.
type Record struct {
	Entity Entity
	Event  event.Event
	// Stored is when it was stored, in Unix nanoseconds: of two events with the
	// same source and id the one stored first counts.
	Stored int64
}

type value struct {
	Type    string     `cbor:"1,keyasint"`
	Data    event.Data `cbor:"2,keyasint"`
	Stored  int64      `cbor:"3,keyasint"`
	Source  string     `cbor:"4,keyasint,omitempty"` // when too long for the key
	Subject string     `cbor:"5,keyasint,omitempty"` // when it is not the entity's id
}

// Append stores events, each on its own and only if the journal has none with
// the same entity, time, source and id. fresh[i] says whether events[i] was new.
// On an error some may have been stored: append all of them again.
func (j *Journal) Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) (fresh []bool, err error) {
	ops := make([]table.Op, 0, len(events))
	at := make([]int, len(events)) // index of the event's operation
	seen := make(map[table.Key]int, len(events))
	fresh = make([]bool, len(events))
	for i := range events {
		item, err := encode(tenant, &events[i], stored.UnixNano()+int64(i))
		if err != nil {
			return nil, fmt.Errorf("encoding event %q: %w", events[i].ID, err)
		}
		if n, ok := seen[item.Key]; ok {
			at[i] = -1 - n
			continue
		}
		seen[item.Key], at[i] = len(ops), len(ops)
		ops = append(ops, table.Op{Item: item, If: table.Absent})
	}
	stood, err := j.t.PutEach(ctx, ops...)
	if err != nil {
		return nil, fmt.Errorf("appending %d events: %w", len(ops), err)
	}
	for i, n := range at {
		fresh[i] = n >= 0 && stood[n] == nil
	}
	return fresh, nil
}

// Read returns the events of an entity with from <= time < to (Unix
// milliseconds), in the order in which they fold, each source and id once.
// conflicts are the events left out because their source and id were used before
// for another time.
func (j *Journal) Read(ctx context.Context, e Entity, from, to int64) (events, conflicts []event.Event, err error) {
	var records []Record
	r := table.Range{Part: e.part(), From: sortTime(from), To: sortTime(to)}
	for item, err := range j.t.Query(ctx, r) {
		if err != nil {
			return nil, nil, fmt.Errorf("reading the journal of %s %q: %w", e.Kind, e.ID, err)
		}
		rec, err := Decode(item)
		if err != nil {
			return nil, nil, err
		}
		records = append(records, rec)
	}
	events, conflicts = Settle(records)
	return events, conflicts, nil
}

// Settle sorts the records of one entity into folding order and leaves out, of
// those with the same source and id, all but the one stored first.
func Settle(records []Record) (events, conflicts []event.Event) {
	type identity struct{ source, id string }
	first := make(map[identity]int, len(records))
	for i := range records {
		id := identity{records[i].Event.Source, records[i].Event.ID}
		if n, ok := first[id]; !ok || records[i].Stored < records[n].Stored {
			first[id] = i
		}
	}
	for i := range records {
		e := &records[i].Event
		if first[identity{e.Source, e.ID}] == i {
			events = append(events, *e)
		} else {
			conflicts = append(conflicts, *e)
		}
	}
	slices.SortFunc(events, func(a, b event.Event) int { return event.Compare(&a, &b) })
	return events, conflicts
}

func (e Entity) part() string { return table.Join(e.Tenant, e.Kind, e.ID) }

// sortTime writes Unix milliseconds so that text order is time order.
func sortTime(ms int64) string { return fmt.Sprintf("%016x", uint64(ms)^1<<63) }

func encode(tenant string, e *event.Event, nanos int64) (table.Item, error) {
	kind, id := e.Entity()
	v := value{Type: e.Type, Data: e.Data, Stored: nanos}
	source := e.Source
	if len(source) > maxKeySource {
		sum := sha256.Sum256([]byte(source))
		v.Source, source = e.Source, hex.EncodeToString(sum[:])
	}
	if id != e.Subject {
		v.Subject = e.Subject
	}
	raw, err := stored.Marshal(v)
	if err != nil {
		return table.Item{}, err
	}
	return table.Item{
		Key:     table.Key{Part: Entity{tenant, kind, id}.part(), Sort: sortTime(e.At) + "/" + table.Join(source, e.ID)},
		Value:   raw,
		Version: 1,
	}, nil
}

// Decode reads one item of the journal's table.
func Decode(item table.Item) (Record, error) {
	bad := func(err error) (Record, error) {
		return Record{}, fmt.Errorf("journal item %q %q cannot be read: %w", item.Part, item.Sort, err)
	}
	part, sort := table.Split(item.Part), table.Split(item.Sort)
	if len(part) != 3 || len(sort) != 3 {
		return bad(fmt.Errorf("its key is not tenant/kind/subject and time/source/id"))
	}
	at, err := strconv.ParseUint(sort[0], 16, 64)
	if err != nil {
		return bad(err)
	}
	var v value
	if err := stored.Unmarshal(item.Value, &v); err != nil {
		return bad(err)
	}
	e := event.Event{ID: sort[2], Source: sort[1], Type: v.Type, Subject: part[2], At: int64(at ^ 1<<63), Data: v.Data}
	if v.Source != "" {
		e.Source = v.Source
	}
	if v.Subject != "" {
		e.Subject = v.Subject
	}
	return Record{Entity: Entity{part[0], part[1], part[2]}, Event: e, Stored: v.Stored}, nil
}
