package fold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/directory"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// plan collects the changes of one commit.
type plan struct {
	ctx    context.Context
	folder *Folder
	tenant string
	loaded map[table.Key]table.Item
	writes []write
}

// write is one fact to be put.
type write struct {
	key     table.Key
	version uint64 // of the record it replaces
	fact    *fact.Fact
	diffs   []cell.Difference
	// unguarded records follow from a guarded one of the same commit.
	unguarded bool
}

// poisonError marks an entity that cannot be folded.
type poisonError struct{ err error }

func (e *poisonError) Error() string { return e.err.Error() }

// Key is where the fact of one segment of an entity lies. Directory entries of
// one kind lie together, so that they can be listed.
func Key(e journal.Entity, segment string) table.Key {
	switch e.Kind {
	case "chat", "visitor", "agent", "message":
		return table.Key{Part: table.Join(e.Tenant, "fact", e.Kind, e.ID), Sort: segment}
	}
	return directory.Key(e.Tenant, e.Kind, e.ID)
}

// span is a segment of an entity: its name and the time it covers.
type span struct {
	segment  string
	from, to int64
}

const whole = "-"

// segments cuts the events of an entity into segments: visitors by hour, all
// others but agents (see agent.go) whole.
func segments(kind string, at int64) span {
	if kind == "visitor" {
		t := time.UnixMilli(at).UTC().Truncate(time.Hour)
		return span{t.Format("2006-01-02T15"), t.UnixMilli(), t.Add(time.Hour).UnixMilli()}
	}
	return span{whole, math.MinInt64, math.MaxInt64}
}

// load reads in one go the facts that the work is about.
func (p *plan) load(list []*work) error {
	p.loaded = map[table.Key]table.Item{}
	var keys []table.Key
	for _, w := range list {
		if w.entity.Kind == "agent" {
			continue
		}
		for i := range w.events {
			k := Key(w.entity, segments(w.entity.Kind, w.events[i].At).segment)
			if _, ok := p.loaded[k]; !ok {
				p.loaded[k] = table.Item{}
				keys = append(keys, k)
			}
		}
	}
	items, err := p.folder.state.Get(p.ctx, keys...)
	if err != nil {
		return fmt.Errorf("reading facts: %w", err)
	}
	for i, k := range keys {
		p.loaded[k] = items[i]
	}
	return nil
}

// foldSafely turns a panic of the pure fold into a poisoned entity.
func (p *plan) foldSafely(w *work) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &poisonError{fmt.Errorf("folding %s %q: %v", w.entity.Kind, w.entity.ID, r)}
		}
	}()
	if w.entity.Kind == "agent" {
		return p.agent(w)
	}
	if len(w.events) == 0 {
		return p.again(w.entity)
	}
	for rest := w.events; len(rest) > 0; {
		s := segments(w.entity.Kind, rest[0].At)
		n := 1
		for n < len(rest) && rest[n].At < s.to {
			n++
		}
		if err := p.segment(w.entity, s, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// segment folds events into one segment: on from the stored fact if they follow
// it, else again from the journal.
func (p *plan) segment(e journal.Entity, s span, events []event.Event) error {
	key := Key(e, s.segment)
	item := p.loaded[key]
	old, err := decode(item)
	if err != nil {
		return err
	}
	next := fact.New(e.Kind)
	if old != nil {
		if next, err = fact.Decode(item.Value); err != nil {
			return err
		}
	}
	if !next.Follows(events) {
		next = fact.New(e.Kind)
		if events, _, err = p.folder.journal.Read(p.ctx, e, s.from, s.to); err != nil {
			return err
		}
	}
	next.Fold(events...)
	return p.put(e, s.segment, item, old, next)
}

// again folds all segments of an entity from the journal.
func (p *plan) again(e journal.Entity) error {
	events, _, err := p.folder.journal.Read(p.ctx, e, math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	for len(events) > 0 {
		s := segments(e.Kind, events[0].At)
		n := 1
		for n < len(events) && events[n].At < s.to {
			n++
		}
		items, err := p.folder.state.Get(p.ctx, Key(e, s.segment))
		if err != nil {
			return err
		}
		old, _ := decode(items[0])
		next := fact.New(e.Kind)
		next.Fold(events[:n]...)
		if err := p.put(e, s.segment, items[0], old, next); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func decode(item table.Item) (*fact.Fact, error) {
	if item.Version == 0 {
		return nil, nil
	}
	f, err := fact.Decode(item.Value)
	if err != nil {
		return nil, fmt.Errorf("fact %q %q: %w", item.Part, item.Sort, err)
	}
	return f, nil
}

// put notes that a fact changed, with the difference that makes.
func (p *plan) put(e journal.Entity, segment string, item table.Item, old, next *fact.Fact) error {
	if old != nil {
		next.Log = old.Log
		raw, err := next.Encode()
		if err != nil {
			return &poisonError{err}
		}
		if bytes.Equal(raw, item.Value) {
			return nil
		}
	}
	w := write{key: Key(e, segment), version: item.Version, fact: next}
	name := table.Join(e.Kind, e.ID, segment)
	for _, c := range measure.Difference(measure.Of(old), measure.Of(next)) {
		w.diffs = append(w.diffs, cell.Difference{Fact: name, Contribution: c})
	}
	p.writes = append(p.writes, w)
	return nil
}

// Bounds of one transaction.
const (
	maxWrites = table.MaxOps - 8
	// maxDiffs is how many differences go into one log item.
	maxDiffs = 3000
	maxItems = 6
)

// commit writes what was planned, in as many transactions as it takes. Later
// segments of an agent go before earlier ones, so that a crash in between leaves
// the first one still to be done.
func (p *plan) commit(h *head) error {
	if !h.known {
		seq, unmerged, err := cell.End(p.ctx, p.folder.state, p.tenant)
		if err != nil {
			return err
		}
		h.seq, h.bytes, h.known = seq, unmerged, true
	}
	for len(p.writes) > 0 {
		n, diffs := 0, 0
		for n < len(p.writes) && n < maxWrites && (n == 0 || diffs+len(p.writes[n].diffs) <= maxDiffs*maxItems) {
			diffs += len(p.writes[n].diffs)
			n++
		}
		if err := p.commitSome(h, p.writes[:n]); err != nil {
			return err
		}
		p.writes = p.writes[n:]
	}
	return nil
}

func (p *plan) commitSome(h *head, writes []write) error {
	var diffs []cell.Difference
	for _, w := range writes {
		diffs = append(diffs, w.diffs...)
	}
	seq, size := h.seq, 0
	var ops []table.Op
	for len(diffs) > 0 {
		n := min(len(diffs), maxDiffs)
		seq++
		add, bytes := cell.Add(p.tenant, seq, diffs[:n], p.folder.now())
		ops = append(ops, add...)
		size += bytes
		diffs = diffs[n:]
	}
	for _, w := range writes {
		if len(w.diffs) > 0 {
			w.fact.Log = seq
		}
		raw, err := w.fact.Encode()
		if err != nil {
			return err
		}
		op := table.Op{Item: table.Item{Key: w.key, Value: raw, Version: w.version + 1}, If: table.VersionIs(w.version)}
		if w.unguarded {
			op.If = table.Always
		}
		ops = append(ops, op)
	}
	if err := p.folder.state.Write(p.ctx, ops...); err != nil {
		// Whether the number was taken or the outcome is unknown: look again.
		h.known = false
		var conflict *table.ConflictError
		if errors.As(err, &conflict) {
			return err
		}
		return fmt.Errorf("committing %d facts of %q: %w", len(writes), p.tenant, err)
	}
	if seq > h.seq {
		h.seq, h.items, h.bytes = seq, h.items+1, h.bytes+size
	}
	return nil
}
