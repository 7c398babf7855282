// Package facts says where stored facts lie and reads them: the facts of an
// entity, the days of an agent, and the directory of what a tenant has announced.
// In: an entity, or a tenant and a kind. Out: keys, records and facts. It writes
// nothing, and knows no measures and no reports.
package facts

import (
	"context"
	"fmt"
	"math"
	"time"

	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// Segment is one piece of an entity's life: it has a fact of its own, made of the
// events with From <= time < To, in Unix milliseconds.
type Segment struct {
	Name     string
	From, To int64
}

// Retracted is the name of the record, among the facts of an agent or a visitor, that
// lists what was taken back, whatever its segment. It sorts after all of them.
const Retracted = "retracted"

// Whole is the name of the one segment of what is not divided.
const Whole = "-"

const (
	dayLayout  = time.DateOnly
	hourLayout = "2006-01-02T15"
)

// SegmentAt is the segment of an entity of a kind that an event at a time is folded
// into: agents are divided by UTC day, visitors by UTC hour.
func SegmentAt(kind string, at int64) Segment {
	switch kind {
	case "agent":
		return segment(at, 24*time.Hour, dayLayout)
	case "visitor":
		return segment(at, time.Hour, hourLayout)
	}
	return Segment{Whole, math.MinInt64, math.MaxInt64}
}

func segment(at int64, length time.Duration, layout string) Segment {
	t := time.UnixMilli(at).UTC().Truncate(length)
	return Segment{t.Format(layout), t.UnixMilli(), t.Add(length).UnixMilli()}
}

// SegmentOf is the segment of that name of entities of a kind; ok is false for what is none.
func SegmentOf(kind, name string) (s Segment, ok bool) {
	layout := dayLayout
	switch kind {
	case "visitor":
		layout = hourLayout
	case "agent":
	default:
		return SegmentAt(kind, 0), name == Whole
	}
	at, err := time.Parse(layout, name)
	return SegmentAt(kind, at.UnixMilli()), err == nil
}

// Key is where the fact of one segment of an entity lies. Of what is only
// announced (departments, campaigns, …) the fact is its entry in the directory.
func Key(e journal.Entity, segment string) table.Key {
	if !hasPart(e.Kind) {
		return EntryKey(e)
	}
	return table.Key{Part: part(e), Sort: segment}
}

// hasPart says whether the facts of an entity of a kind have a part of their own.
func hasPart(kind string) bool {
	switch kind {
	case "chat", "visitor", "agent", "message":
		return true
	}
	return false
}

func part(e journal.Entity) string { return table.Join(e.Tenant, "fact", e.Kind, e.ID) }

// Name is what the log calls a fact: its entity, without the tenant, and its segment.
func Name(e journal.Entity, segment string) string { return table.Join(e.Kind, e.ID, segment) }

// KeyOf is where the fact lies that the log calls so; ok is false for what is none.
func KeyOf(tenant, name string) (k table.Key, ok bool) {
	p := table.Split(name)
	if len(p) != 3 {
		return k, false
	}
	return Key(journal.Entity{Tenant: tenant, Kind: p[0], ID: p[1]}, p[2]), true
}

// EntityOf is the entity whose fact or entry lies at a key of the state; ok is false
// for what is neither.
func EntityOf(k table.Key) (e journal.Entity, ok bool) {
	switch p := table.Split(k.Part); {
	case len(p) == 4 && p[1] == "fact":
		return journal.Entity{Tenant: p[0], Kind: p[2], ID: p[3]}, true
	case len(p) == 3 && p[1] == "dir":
		return journal.Entity{Tenant: p[0], Kind: p[2], ID: table.Split(k.Sort)[0]}, true
	}
	return journal.Entity{}, false
}

// Stored returns the records of all facts of an entity, those that cannot be decoded
// too. An agent's entry in the directory, which only repeats its last day, is not
// among them.
func Stored(ctx context.Context, state table.Table, e journal.Entity) ([]table.Item, error) {
	if hasPart(e.Kind) {
		return query(ctx, state, e, table.Range{Part: part(e)})
	}
	items, err := state.Get(ctx, EntryKey(e))
	if err != nil {
		return nil, fmt.Errorf("reading the entry of %s %q: %w", e.Kind, e.ID, err)
	}
	if items[0].Version == 0 {
		return nil, nil
	}
	return items, nil
}

func query(ctx context.Context, state table.Table, e journal.Entity, r table.Range) (out []table.Item, err error) {
	for item, err := range state.Query(ctx, r) {
		if err != nil {
			return nil, fmt.Errorf("reading the facts of %s %q: %w", e.Kind, e.ID, err)
		}
		out = append(out, item)
	}
	return out, nil
}

// Chats reads the facts of chats, by id; of one that there is none of, none.
func Chats(ctx context.Context, state table.Table, tenant string, ids []string) (map[string]*fact.Chat, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = Key(journal.Entity{Tenant: tenant, Kind: "chat", ID: id}, Whole)
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading %d chats: %w", len(ids), err)
	}
	out := make(map[string]*fact.Chat, len(ids))
	for i, item := range items {
		if item.Version == 0 || out[ids[i]] != nil {
			continue
		}
		f, err := Decode(item)
		if err != nil {
			return nil, err
		}
		out[ids[i]] = f.Chat
	}
	return out, nil
}

// Decode reads the fact that a record holds.
func Decode(item table.Item) (*fact.Fact, error) {
	f, err := fact.Decode(item.Value)
	if err != nil {
		return nil, fmt.Errorf("the fact at %q %q cannot be read: %w", item.Part, item.Sort, err)
	}
	return f, nil
}
