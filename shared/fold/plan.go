package fold

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
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
	head   *head
}

// lists are there to be used again, instead of new ones for every fact.
type lists struct {
	was, is []measure.Contribution
	diffs   []cell.Difference
}

// write is one fact to be put.
type write struct {
	was       table.Item // the record it replaces, as read; Version 0: there is none
	fact      *fact.Fact
	diffs     []cell.Difference
	remove    bool // delete it
	check     bool // change nothing, but it must have that version
	always    bool // whatever its version: it follows from the write before it
	with      bool // in the same transaction as the write before it
	takesBack bool // it is the record of what was taken back of the entity
}

// poisonError marks an entity that cannot be folded.
type poisonError struct{ err error }

func (e *poisonError) Error() string { return e.err.Error() }

// load reads in one go the facts that the work is about.
func (p *plan) load(list []*work) error {
	p.loaded = map[table.Key]table.Item{}
	var keys []table.Key
	if err := p.readAll(list); err != nil {
		return err
	}
	for _, w := range list {
		if w.entity.Kind == "agent" || w.all {
			continue
		}
		add := func(segment string) {
			k := facts.Key(w.entity, segment)
			if _, ok := p.loaded[k]; !ok {
				p.loaded[k] = table.Item{}
				keys = append(keys, k)
			}
		}
		for i := range w.events {
			add(facts.SegmentAt(w.entity.Kind, w.events[i].At).Name)
		}
		for _, at := range w.again {
			add(facts.SegmentAt(w.entity.Kind, at).Name)
		}
		if segmented(w.entity.Kind) && p.head.corrected {
			add(facts.Retracted)
		}
	}
	items, err := p.head.state.Get(p.ctx, keys...)
	if err != nil {
		return fmt.Errorf("reading facts: %w", err)
	}
	for i, k := range keys {
		p.loaded[k] = items[i]
	}
	return nil
}

// readsAtOnce is how many entities that are folded again are read at once.
const readsAtOnce = 16

// readAll reads the journals and the facts of entities that are folded again, beside one
// another.
func (p *plan) readAll(list []*work) error {
	g, ctx := errgroup.WithContext(p.ctx)
	g.SetLimit(readsAtOnce)
	for _, w := range list {
		if !w.all {
			continue
		}
		g.Go(func() (err error) {
			if w.history, err = p.folder.journal.Read(ctx, w.entity, math.MinInt64, math.MaxInt64); err != nil {
				return err
			}
			w.stored, err = facts.Stored(ctx, p.head.state, w.entity)
			return err
		})
	}
	return g.Wait()
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
	if w.all {
		return p.again(w)
	}
	again := map[facts.Segment]bool{}
	for _, at := range w.again {
		again[facts.SegmentAt(w.entity.Kind, at)] = true
	}
	for rest := w.events; len(rest) > 0; {
		s := facts.SegmentAt(w.entity.Kind, rest[0].At)
		n := 1
		for n < len(rest) && rest[n].At < s.To {
			n++
		}
		if err := p.segment(w.entity, s, rest[:n], again[s]); err != nil {
			return err
		}
		delete(again, s)
		rest = rest[n:]
	}
	for s := range again {
		if err := p.segment(w.entity, s, nil, true); err != nil {
			return err
		}
	}
	return nil
}

// segment folds events into one segment: on from the stored fact if they follow
// it, else, or if something of it was taken back, again from the journal.
func (p *plan) segment(e journal.Entity, s facts.Segment, events []event.Event, again bool) error {
	key := facts.Key(e, s.Name)
	item := p.loaded[key]
	old, err := decode(item)
	if err != nil {
		return err
	}
	if old == nil {
		old = fact.New(e.Kind)
	}
	retracted, err := p.retracted(e)
	if err != nil {
		return err
	}
	if !again && old.Follows(events) && !retracted.Retracts(events) {
		p.head.lists.was = p.head.lists.was[:0]
		if item.Version != 0 {
			p.head.lists.was = p.folder.Version.AppendSince(p.head.lists.was, old, events[0].At)
		}
		old.Fold(events...) // in place: what it contributed is known
		p.changeSince(e, s.Name, item, p.head.lists.was, old, events[0].At)
		return nil
	}
	history, err := p.folder.journal.Read(p.ctx, e, s.From, s.To)
	if err != nil {
		return err
	}
	if item.Version == 0 {
		old = nil
	}
	return p.put(e, s.Name, item, old, folded(e.Kind, history))
}

// folded is what a history comes to.
func folded(kind string, h journal.History) *fact.Fact {
	f := fact.New(kind)
	f.Fold(h.Events...)
	f.Retract(retractions(kind, h))
	return f
}

// again folds all segments of an entity from the journal; those without any
// event go.
func (p *plan) again(w *work) error {
	e, history := w.entity, w.history
	stored := map[table.Key]table.Item{}
	for _, item := range w.stored {
		stored[item.Key] = item
	}
	segments := map[facts.Segment]bool{}
	for _, e1 := range slices.Concat(history.Events, history.LeftOut) {
		segments[facts.SegmentAt(e.Kind, e1.At)] = true
	}
	if len(history.Retractions) > 0 {
		if err := p.againRetracted(e, history.Retractions, stored, segments); err != nil {
			return err
		}
	}
	for s := range segments {
		if s.Name != facts.Whole { // of what uses an id twice the first counts, in each segment
			var err error
			if history, err = p.folder.journal.Read(p.ctx, e, s.From, s.To); err != nil {
				return err
			}
		}
		key := facts.Key(e, s.Name)
		item := stored[key]
		delete(stored, key)
		old, _ := decode(item) // what cannot be read is replaced
		if err := p.put(e, s.Name, item, old, folded(e.Kind, history)); err != nil {
			return err
		}
	}
	for _, item := range stored {
		old, _ := decode(item)
		p.remove(e, item, old)
	}
	return nil
}

// decode reads a fact. One that cannot be read poisons its entity: a rebuild
// (package verify) mends it.
func decode(item table.Item) (*fact.Fact, error) {
	if item.Version == 0 {
		return nil, nil
	}
	f, err := facts.Decode(item)
	if err != nil {
		return nil, &poisonError{err}
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
			if p.head.several { // another generation may not have what was delivered
				p.writes = append(p.writes, write{was: at(facts.Key(e, segment), item), check: true, diffs: differences(e, segment, nil, nil)})
			}
			return nil
		}
	}
	p.change(e, segment, item, p.folder.Version.Of(old), next)
	return nil
}

// change notes that a fact changed that had contributed was.
func (p *plan) change(e journal.Entity, segment string, item table.Item, was []measure.Contribution, next *fact.Fact) {
	p.changeSince(e, segment, item, was, next, math.MinInt64)
}

// changeSince is change where nothing changed before a moment, and was has nothing before it:
// see measure.AppendSince.
func (p *plan) changeSince(e journal.Entity, segment string, item table.Item, was []measure.Contribution, next *fact.Fact, since int64) {
	p.head.lists.is = p.folder.Version.AppendSince(p.head.lists.is[:0], next, since)
	diffs := differences(e, segment, was, p.head.lists.is)
	p.writes = append(p.writes, write{
		was: at(facts.Key(e, segment), item), fact: next, diffs: diffs,
		takesBack: segment == facts.Retracted,
	})
}

// at is a record as read, or where there was none its key.
func at(k table.Key, read table.Item) table.Item {
	read.Key = k
	return read
}

// remove notes that a stored fact has no events.
func (p *plan) remove(e journal.Entity, item table.Item, old *fact.Fact) {
	p.writes = append(p.writes, write{was: item, remove: true, diffs: differences(e, item.Sort, p.folder.Version.Of(old), nil)})
}

// differences are those of a fact that contributed was, and contributes is. There is always
// one: a fact that changed in what no measure counts is named by a difference of nothing. So
// the log names all that changed, and every commit takes a number of it.
func differences(e journal.Entity, segment string, was, is []measure.Contribution) []cell.Difference {
	changed := measure.Difference(was, is)
	if len(changed) == 0 {
		changed = []measure.Contribution{{Measure: measure.Touched}}
	}
	name, out := facts.Name(e, segment), make([]cell.Difference, len(changed))
	for i, c := range changed {
		out[i] = cell.Difference{Fact: name, Contribution: c}
	}
	return out
}
