package fold

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"chatreports/shared/directory"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/table"
)

const day = 24 * 60 * 60 * 1000

// link is one segment in the chain of an agent's days.
type link struct {
	start int64
	item  table.Item // Version 0: new
	old   *fact.Fact
	next  *fact.Fact // nil: unchanged so far
}

func (l *link) agent() *fact.Agent {
	if l.next != nil {
		return l.next.Agent
	}
	return l.old.Agent
}

func dayName(start int64) string { return time.UnixMilli(start).UTC().Format("2006-01-02") }

func dayOf(at int64) int64 {
	d := at / day
	if at%day < 0 {
		d--
	}
	return d * day
}

// agent folds events of an agent: each day touched, and the days after it for as
// long as the state they start from changes.
func (p *plan) agent(w *work) error {
	events := w.events
	everything := len(events) == 0
	if everything {
		var err error
		if events, _, err = p.folder.journal.Read(p.ctx, w.entity, -1<<62, 1<<62); err != nil || len(events) == 0 {
			return err
		}
	}
	chain, err := p.chain(w, dayOf(events[0].At))
	if err != nil {
		return err
	}
	byDay := map[int64][]event.Event{}
	for _, e := range events {
		start := dayOf(e.At)
		byDay[start] = append(byDay[start], e)
		if !slices.ContainsFunc(chain, func(l *link) bool { return l.start == start }) {
			chain = append(chain, &link{start: start})
		}
	}
	slices.SortFunc(chain, func(a, b *link) int { return int((a.start - b.start) / day) })
	for i, l := range chain {
		before, until := fact.AgentState{}, fact.Forever
		if i > 0 {
			before = chain[i-1].agent().After
		} else if l.old != nil {
			before = l.old.Agent.Before
		}
		if i+1 < len(chain) {
			until = chain[i+1].start
		}
		if err := p.foldDay(w, l, before, until, byDay[l.start], everything); err != nil {
			return err
		}
	}
	// Later days first: see commit.
	last := chain[len(chain)-1]
	first := len(p.writes)
	for _, l := range slices.Backward(chain) {
		if l.next != nil {
			if err := p.put(w.entity, dayName(l.start), l.item, l.old, l.next); err != nil {
				return err
			}
		}
	}
	if len(p.writes) > first && last.next != nil && last.next.Agent.After.Profile != nil {
		var was *fact.Entry
		if last.old != nil {
			was = last.old.Agent.After.Profile
		}
		if now := last.next.Agent.After.Profile; !reflect.DeepEqual(was, now) || last.item.Version == 0 {
			entry := write{key: directory.Key(w.entity.Tenant, "agent", w.entity.ID), fact: &fact.Fact{Entry: now}, unguarded: true}
			p.writes = slices.Insert(p.writes, first+1, entry)
		}
	}
	return nil
}

// chain reads the segments from the one before a day on.
func (p *plan) chain(w *work, start int64) ([]*link, error) {
	var out []*link
	read := func(r table.Range) error {
		for item, err := range p.folder.state.Query(p.ctx, r) {
			if err != nil {
				return fmt.Errorf("reading agent %q: %w", w.entity.ID, err)
			}
			old, err := decode(item)
			if err != nil {
				return err
			}
			t, err := time.Parse("2006-01-02", item.Sort)
			if err != nil {
				return err
			}
			out = append(out, &link{start: t.UnixMilli(), item: item, old: old})
		}
		return nil
	}
	part := Key(w.entity, "").Part
	// The newest two are all that a live event needs.
	if err := read(table.Range{Part: part, Reverse: true, Limit: 2}); err != nil {
		return nil, err
	}
	if len(out) < 2 || out[len(out)-1].start < start {
		return out, nil
	}
	out = nil
	if err := read(table.Range{Part: part, To: dayName(start), Reverse: true, Limit: 1}); err != nil {
		return nil, err
	}
	return out, read(table.Range{Part: part, From: dayName(start)})
}

// foldDay brings one segment up to date.
func (p *plan) foldDay(w *work, l *link, before fact.AgentState, until int64, events []event.Event, everything bool) error {
	fresh := l.old == nil || !reflect.DeepEqual(l.old.Agent.Before, before)
	if !fresh && !everything && len(events) == 0 && l.old.Agent.Until == until {
		return nil
	}
	if !fresh && !everything {
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
	all := events
	if l.old != nil || everything || hasRepeats(events) {
		var err error
		if all, _, err = p.folder.journal.Read(p.ctx, w.entity, l.start, l.start+day); err != nil {
			return err
		}
	}
	l.next = fact.NewAgent(w.entity.ID, l.start, until, before)
	l.next.Fold(all...)
	return nil
}

func hasRepeats(events []event.Event) bool {
	return !(&fact.Fact{}).Follows(events)
}
