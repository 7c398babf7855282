package fold

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/table"
)

// link is one segment in the chain of an agent's days.
type link struct {
	start int64
	item  table.Item // Version 0: new
	old   *fact.Fact
	next  *fact.Fact // nil: unchanged so far
	again bool       // something of it was taken back
}

func (l *link) agent() *fact.Agent {
	if l.next != nil {
		return l.next.Agent
	}
	return l.old.Agent
}

// stored is the day as it is stored; nil: it is not, or something else stands in its place.
func (l *link) stored() *fact.Agent {
	if l.old == nil {
		return nil
	}
	return l.old.Agent
}

// dayAt is the day of an agent that a time lies in.
func dayAt(at int64) facts.Segment { return facts.SegmentAt("agent", at) }

// agent folds events of an agent: each day touched, and the days after it for as
// long as the state they start from changes.
func (p *plan) agent(w *work) error {
	if w.all {
		return p.agentAgain(w)
	}
	first, ok := w.first()
	if !ok {
		return nil
	}
	start := dayAt(first).From
	chain, err := p.chain(w, start)
	if err != nil {
		return err
	}
	var meeting *write
	if !slices.ContainsFunc(chain, func(l *link) bool { return l.start <= start }) {
		// Two new first days at once meet here, in a record read before the chain.
		key := facts.ChainKey(w.entity)
		items, err := p.head.state.Get(p.ctx, key)
		if err != nil {
			return fmt.Errorf("reading agent %q: %w", w.entity.ID, err)
		}
		meeting = &write{was: items[0], with: true}
		if chain, err = p.chain(w, start); err != nil {
			return err
		}
	}
	day := func(at int64) *link {
		start := dayAt(at).From
		if i := slices.IndexFunc(chain, func(l *link) bool { return l.start == start }); i >= 0 {
			return chain[i]
		}
		chain = append(chain, &link{start: start})
		return chain[len(chain)-1]
	}
	byDay := map[int64][]event.Event{}
	for _, e := range w.events {
		start := day(e.At).start
		byDay[start] = append(byDay[start], e)
	}
	for _, at := range w.again {
		day(at).again = true
	}
	if err := p.link(w, chain, byDay, false); err != nil {
		return err
	}
	if meeting != nil {
		p.writes = append(p.writes, *meeting)
	}
	return nil
}

// agentAgain folds all days of an agent from the journal; those without any
// event go.
func (p *plan) agentAgain(w *work) error {
	history := w.history
	days := map[table.Key]*link{}
	for _, e := range slices.Concat(history.Events, history.LeftOut) {
		day := dayAt(e.At)
		days[facts.Key(w.entity, day.Name)] = &link{start: day.From}
	}
	var retracted table.Item
	for _, item := range w.stored {
		old, _ := decode(item) // what cannot be read is replaced
		if item.Sort == facts.Retracted && len(history.Retractions) > 0 {
			retracted = item
			continue
		}
		if l := days[item.Key]; l != nil {
			l.item, l.old = item, old
		} else {
			p.remove(w.entity, item, old)
		}
	}
	if err := p.putRetracted(w.entity, retracted, history.Retractions); err != nil {
		return err
	}
	return p.link(w, slices.Collect(maps.Values(days)), nil, true)
}

// link brings a chain of days up to date.
func (p *plan) link(w *work, chain []*link, byDay map[int64][]event.Event, everything bool) error {
	slices.SortFunc(chain, func(a, b *link) int { return cmp.Compare(a.start, b.start) })
	for i, l := range chain {
		before, until := fact.Beginning(), fact.Forever
		if i > 0 {
			before = chain[i-1].agent().After
		} else if day := l.stored(); day != nil && !everything {
			before = day.Before
		}
		if i+1 < len(chain) {
			until = chain[i+1].start
		}
		if err := p.foldDay(w, l, before, until, byDay[l.start], everything); err != nil {
			return err
		}
	}
	if len(chain) == 0 {
		return p.entry(w, chain, everything)
	}
	// Later days first: see commit. The last one carries the agent's entry.
	for i, l := range slices.Backward(chain) {
		if l.next != nil {
			if err := p.put(w.entity, dayAt(l.start).Name, l.item, l.old, l.next); err != nil {
				return err
			}
		}
		if i == len(chain)-1 {
			if err := p.entry(w, chain, everything); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry makes the agent's entry in the directory what the last day ends in, in
// the transaction of that day. It follows from it, and so needs no version.
func (p *plan) entry(w *work, chain []*link, everything bool) error {
	key := facts.EntryKey(w.entity)
	var last *link
	var was, now *fact.Entry
	for _, l := range chain {
		last, now = l, l.agent().After.Profile
		if day := l.stored(); day != nil {
			was = day.After.Profile
		}
	}
	entry := write{was: table.Item{Key: key}, always: true, with: true}
	if now != nil {
		entry.fact = &fact.Fact{Entry: now}
	}
	switch {
	case everything: // the entry itself may be what is wrong
		items, err := p.head.state.Get(p.ctx, key)
		if err != nil {
			return fmt.Errorf("reading the entry of agent %q: %w", w.entity.ID, err)
		}
		if now == nil {
			if items[0].Version == 0 {
				return nil
			}
			entry.remove = true
			break
		}
		if raw, err := entry.fact.Encode(); err != nil || bytes.Equal(raw, items[0].Value) {
			return err
		}
	case last.next == nil || reflect.DeepEqual(was, now):
		return nil
	case now == nil: // what announced the agent turned out to be a repeat of another event
		entry.remove = true
	}
	if last == nil {
		entry.with = false
	} else if k := facts.Key(w.entity, dayAt(last.start).Name); len(p.writes) == 0 || p.writes[len(p.writes)-1].was.Key != k {
		p.writes = append(p.writes, write{was: at(k, last.item), check: true})
	}
	p.writes = append(p.writes, entry)
	return nil
}

// chain reads the days from the last before a day on.
func (p *plan) chain(w *work, start int64) ([]*link, error) {
	// The newest two are all that a live event needs.
	stored, err := p.newest(w, 2)
	if err != nil {
		return nil, err
	}
	if len(stored) == 2 && stored[1].Start >= start {
		if stored, err = facts.LastDays(p.ctx, p.head.state, w.entity, start, 1); err == nil {
			var later []facts.Day
			later, err = facts.Days(p.ctx, p.head.state, w.entity, start, fact.Forever)
			stored = append(stored, later...)
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]*link, len(stored))
	for i, day := range stored {
		old, err := decode(day.Item)
		if err != nil {
			return nil, err
		}
		out[i] = &link{start: day.Start, item: day.Item, old: old}
	}
	return out, nil
}

// newest reads the last days, and with them what was taken back of the agent.
func (p *plan) newest(w *work, n int) ([]facts.Day, error) {
	if !p.head.corrected {
		return facts.LastDays(p.ctx, p.head.state, w.entity, fact.Forever, n)
	}
	days, retracted, err := facts.Newest(p.ctx, p.head.state, w.entity, n)
	if err != nil {
		return nil, err
	}
	w.retracted, err = decode(retracted)
	return days, err
}

// foldDay brings one segment up to date.
func (p *plan) foldDay(w *work, l *link, before fact.AgentState, until int64, events []event.Event, everything bool) error {
	old := l.stored()
	fresh := old == nil || !reflect.DeepEqual(old.Before, before)
	everything = everything || l.again
	if !fresh && !everything && len(events) == 0 && old.Until == until {
		return nil
	}
	retracts := w.retracted != nil && w.retracted.Retracts(events)
	if !fresh && !everything && !retracts {
		next, err := fact.Decode(l.item.Value)
		if err != nil {
			return err
		}
		if next.Follows(events) {
			next.Agent.Until = until
			next.Fold(events...)
			l.next = next
			return nil
		}
	}
	l.next = fact.NewAgent(w.entity.ID, l.start, until, before)
	if l.old != nil || everything || retracts || hasRepeats(events) {
		history, err := p.folder.journal.Read(p.ctx, w.entity, l.start, dayAt(l.start).To)
		if err != nil {
			return err
		}
		events = history.Events
		l.next.Retract(retractions("agent", history))
	}
	l.next.Fold(events...)
	return nil
}

func hasRepeats(events []event.Event) bool {
	return !(&fact.Fact{Generation: fact.Generation}).Follows(events)
}
