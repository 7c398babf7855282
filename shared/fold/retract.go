package fold

import (
	"fmt"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// A retraction of something of a chat is found by whoever folds the chat, in its one
// fact. An agent or a visitor is folded in segments, and a retraction may come before
// what it means: nobody knows yet in which segment that will be. So what is taken back
// stands in a record of its own, which is read with the segment. It is written first;
// then the journal is searched for the events meant, and their segments are folded again
// and say what was taken back of them. So somebody who folds such an event at the same
// time sees it in the record or in the segment, or loses the race for the segment and
// looks again.
//
// Most tenants never take anything back of an agent or a visitor, and are spared the
// reading. The record that lists a tenant says so (counter.List), and is read when the last
// number of the log is. Whoever writes the first record of what was taken back changes it
// and takes a number of the log in the same transaction. So a commit that takes the number
// after the one known cannot have missed it; one that takes none looks again.

// segmented says whether entities of a kind have more than one fact.
func segmented(kind string) bool { return kind == "agent" || kind == "visitor" }

// retractions are those that a fact of a kind notes: all, or if the entity has more than
// one fact those that take something back here.
func retractions(kind string, h journal.History) []event.Event {
	if segmented(kind) {
		return h.Effective
	}
	return h.Retractions
}

// split takes the retractions out of the events of what is folded in segments.
func (w *work) split() {
	if !segmented(w.entity.Kind) {
		return
	}
	isRetraction := func(e event.Event) bool { return e.Type == event.Retracted }
	for _, e := range w.events {
		if isRetraction(e) {
			w.retractions = append(w.retractions, e)
		}
	}
	w.events = slices.DeleteFunc(w.events, isRetraction)
}

// first is the earliest time that the work is about.
func (w *work) first() (at int64, ok bool) {
	times := slices.Clone(w.again)
	if len(w.events) > 0 {
		times = append(times, w.events[0].At)
	}
	if len(times) == 0 {
		return 0, false
	}
	return slices.Min(times), true
}

// takeBack commits what the retractions of a batch take back, and then finds out what
// is to be folded again.
func (p *plan) takeBack(list []*work) error {
	var with []*work
	var keys []table.Key
	for _, w := range list {
		if len(w.retractions) > 0 {
			with, keys = append(with, w), append(keys, facts.Key(w.entity, facts.Retracted))
		}
	}
	if len(with) == 0 {
		return nil
	}
	items, err := p.head.state.Get(p.ctx, keys...)
	if err != nil {
		return fmt.Errorf("reading what was taken back: %w", err)
	}
	for i, w := range with {
		all, err := p.folder.journal.Retractions(p.ctx, w.entity)
		if err != nil {
			return err
		}
		if err := p.putRetracted(w.entity, items[i], all); err != nil {
			return err
		}
	}
	if err := p.commit(); err != nil {
		return err
	}
	for _, w := range with {
		if w.again, err = p.folder.journal.Times(p.ctx, w.entity, w.retractions); err != nil {
			return err
		}
	}
	return nil
}

// putRetracted notes the record of what was taken back of an entity.
func (p *plan) putRetracted(e journal.Entity, item table.Item, retractions []event.Event) error {
	if len(retractions) == 0 {
		return nil
	}
	old, _ := decode(item) // what cannot be read is replaced
	next := &fact.Fact{}
	next.Retract(retractions)
	return p.put(e, facts.Retracted, item, old, next)
}

// againRetracted notes, of an entity that is folded again, where its retractions stand:
// in a record of their own, or in its one fact.
func (p *plan) againRetracted(e journal.Entity, retractions []event.Event, stored map[table.Key]table.Item, segments map[facts.Segment]bool) error {
	if !segmented(e.Kind) {
		segments[facts.SegmentAt(e.Kind, 0)] = true
		return nil
	}
	key := facts.Key(e, facts.Retracted)
	item := stored[key]
	delete(stored, key)
	return p.putRetracted(e, item, retractions)
}

// retracted is what was taken back of a visitor, as it was read with the segments.
func (p *plan) retracted(e journal.Entity) (*fact.Fact, error) {
	if !segmented(e.Kind) {
		return &fact.Fact{}, nil
	}
	f, err := decode(p.loaded[facts.Key(e, facts.Retracted)])
	if f == nil {
		f = &fact.Fact{}
	}
	return f, err
}
