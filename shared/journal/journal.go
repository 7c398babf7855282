// Package journal keeps every event once, by entity and time: the truth from
// which everything else can be recomputed. In: parsed events of one tenant. Out:
// which of them were new, and the events of an entity. It knows nothing of facts
// or reports, and has no clock.
package journal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

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

func (e Entity) part() string { return table.Join(e.Tenant, e.Kind, e.ID) }

// Sort keys of an entity's part: events by time, then notes, then retractions, which are
// looked for whatever the time of what they take back.
const (
	notes       = "note/"
	retractions = "retracted/"
)

// IsNote says whether an item of the journal's table is no event, but says where one is.
func IsNote(item table.Item) bool { return strings.HasPrefix(item.Sort, notes) }

// timeDigits is how many digits sortTime writes.
const timeDigits = 16

// sortTime writes Unix milliseconds so that text order is time order.
func sortTime(ms int64) string { return fmt.Sprintf("%016x", uint64(ms)^1<<63) }

// encode writes an event as the item of an entity: that of Event.Entity, or for a
// retraction any that the event meant may be in.
func encode(entity Entity, e *event.Event, nanos int64) (table.Item, error) {
	v := value{Type: e.Type, Data: e.Data, Stored: nanos}
	source := keySource(e.Source)
	if source != e.Source {
		v.Source = e.Source
	}
	if entity.ID != e.Subject {
		v.Subject = e.Subject
	}
	raw, err := stored.Marshal(v)
	if err != nil {
		return table.Item{}, err
	}
	sort := sortTime(e.At) + "/" + table.Join(source, e.ID)
	if e.Type == event.Retracted {
		sort = retractions + sort
	}
	return table.Item{Key: table.Key{Part: entity.part(), Sort: sort}, Value: raw, Version: 1}, nil
}

// keySource is a source as keys hold it: one that is too long by its hash.
func keySource(source string) string {
	if len(source) <= maxKeySource {
		return source
	}
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

// Decode reads one event of the journal's table.
func Decode(item table.Item) (rec Record, err error) {
	part := table.Split(item.Part)
	if len(part) != 3 {
		return rec, unreadable(item, errKey)
	}
	rec.Entity = Entity{part[0], part[1], part[2]}
	rec.Stored, err = rec.Entity.decode(item, nil, &rec.Event)
	return rec, err
}

// decode reads one event of the entity, and says when it was stored.
func (e *Entity) decode(item table.Item, d *Decoder, into *event.Event) (nanos int64, err error) {
	at, end, err := splitTime(item.Sort)
	if err == nil {
		nanos, err = e.decodeAt(at, end, item.Value, d, into)
	}
	if err != nil {
		return 0, unreadable(item, err)
	}
	return nanos, nil
}

// decodeAt is decode with the sort key taken apart.
func (e *Entity) decodeAt(at int64, end string, raw []byte, d *Decoder, into *event.Event) (nanos int64, err error) {
	source, id, ok := splitEnd(end)
	if !ok {
		return 0, errKey
	}
	*into = event.Event{ID: id, Source: source, Subject: e.ID, At: at}
	s := scanner{left: raw, decoder: d}
	if nanos, ok := s.event(into); ok {
		return nanos, nil
	}
	var v value
	if err := stored.Unmarshal(raw, &v); err != nil {
		return 0, err
	}
	*into = event.Event{ID: id, Source: cmp.Or(v.Source, source), Type: v.Type, Subject: cmp.Or(v.Subject, e.ID), At: at, Data: v.Data}
	return v.Stored, nil
}

func unreadable(item table.Item, err error) error {
	return fmt.Errorf("journal item %q %q cannot be read: %w", item.Part, item.Sort, err)
}

var errKey = errors.New("its key is not tenant/kind/subject and time/source/id")

// splitTime takes the time off a sort key. What is left is the same for all events of one
// source and id.
func splitTime(sort string) (at int64, end string, err error) {
	sort = strings.TrimPrefix(sort, retractions)
	if len(sort) <= timeDigits || sort[timeDigits] != '/' {
		return 0, "", errKey
	}
	n, err := strconv.ParseUint(sort[:timeDigits], 16, 64)
	return int64(n ^ 1<<63), sort[timeDigits+1:], err
}

func splitEnd(end string) (source, id string, ok bool) {
	if strings.IndexByte(end, '%') < 0 { // nothing is escaped
		source, id, ok = strings.Cut(end, "/")
		return source, id, ok && strings.IndexByte(id, '/') < 0
	}
	all := table.Split(end)
	if len(all) != 2 {
		return "", "", false
	}
	return all[0], all[1], true
}
