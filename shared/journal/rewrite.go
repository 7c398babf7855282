package journal

import (
	"context"
	"fmt"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// rewriteAtOnce is how many records are written anew at once.
const rewriteAtOnce = 100

// Rewrite changes what events of an entity say, in place, or moves them to another entity.
// Their times, sources and ids stay, and when they were stored. It returns how many records
// changed; ended early, it does the rest when it is done again.
func (j *Journal) Rewrite(ctx context.Context, of, to Entity, change func(*event.Event)) (n int, err error) {
	var puts, gone []table.Op
	for item, err := range j.t.Query(ctx, table.Range{Part: of.part()}) {
		if err != nil {
			return 0, fmt.Errorf("reading the journal of %s %q: %w", of.Kind, of.ID, err)
		}
		next, err := rewritten(item, to, change)
		if err != nil {
			return 0, err
		}
		if of == to && string(next.Value) == string(item.Value) {
			continue
		}
		puts = append(puts, table.Op{Item: next})
		if of != to {
			gone = append(gone, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}})
		}
	}
	for _, ops := range [][]table.Op{puts, gone} {
		for some := range slices.Chunk(ops, rewriteAtOnce) {
			if _, err := j.t.PutEach(ctx, some...); err != nil {
				return 0, fmt.Errorf("writing the journal of %s %q anew: %w", of.Kind, of.ID, err)
			}
		}
	}
	return len(puts), nil
}

// rewritten is an item as it is to be.
func rewritten(item table.Item, to Entity, change func(*event.Event)) (table.Item, error) {
	if !IsNote(item) {
		rec, err := Decode(item)
		if err != nil {
			return table.Item{}, err
		}
		change(&rec.Event)
		return encode(to, &rec.Event, rec.Stored)
	}
	next := item
	next.Part = to.part()
	var n note
	if err := stored.Unmarshal(item.Value, &n); err != nil {
		return next, fmt.Errorf("the note %q %q cannot be read: %w", item.Part, item.Sort, err)
	}
	if len(n.Retraction) == 0 {
		return next, nil
	}
	rec, err := Decode(table.Item{Key: table.Key{Part: item.Part, Sort: n.Sort}, Value: n.Retraction})
	if err != nil {
		return next, err
	}
	change(&rec.Event)
	inner, err := encode(to, &rec.Event, rec.Stored)
	if err != nil {
		return next, err
	}
	n.Retraction = inner.Value
	next.Value, err = stored.Marshal(n)
	return next, err
}
