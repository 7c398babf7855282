package fold

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// CatchUp folds into Only what the log of another generation, which lies in source, names:
// facts that changed there. Each is folded on by the events that the journal has after those
// that it holds, if these are all that the other generation's fact knows, and else again from
// the journal: so what changes often costs what is new each time, and not all there is.
func (f *Folder) CatchUp(ctx context.Context, tenant string, source table.Table, names ...string) error {
	byEntity := map[journal.Entity][]string{}
	for _, name := range names {
		if p := table.Split(name); len(p) == 3 {
			e := journal.Entity{Tenant: tenant, Kind: p[0], ID: p[1]}
			byEntity[e] = append(byEntity[e], p[2])
		}
	}
	for some := range slices.Chunk(slices.Collect(maps.Keys(byEntity)), maxEntities) {
		list := make([]*work, len(some))
		g, within := errgroup.WithContext(ctx)
		g.SetLimit(readsAtOnce)
		for i, e := range some {
			g.Go(func() (err error) {
				list[i], err = f.behind(within, e, source, byEntity[e])
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(w *work) bool { return !w.all && len(w.events)+len(w.again) == 0 })
		if err := f.undelivered(ctx, tenant, list); err != nil {
			return err
		}
	}
	return nil
}

// behind is what some segments of an entity lack that changed in the source.
func (f *Folder) behind(ctx context.Context, e journal.Entity, source table.Table, segments []string) (*work, error) {
	w := &work{entity: e}
	keys := make([]table.Key, len(segments))
	for i, name := range segments {
		keys[i] = facts.Key(e, name)
		_, ok := facts.SegmentOf(e.Kind, name)
		w.all = w.all || !ok // what was taken back: nobody knows of which
	}
	if w.all {
		return w, nil
	}
	theirs, err := source.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading what changed of %s %q: %w", e.Kind, e.ID, err)
	}
	own, err := counter.Space(f.state, e.Tenant, *f.Only).Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading the facts of %s %q: %w", e.Kind, e.ID, err)
	}
	for i, name := range segments {
		mine, err := decode(own[i])
		if theirs[i].Version == 0 || err != nil { // it was removed; or what there is, is replaced
			return &work{entity: e, all: true}, nil
		}
		s, _ := facts.SegmentOf(e.Kind, name)
		events, ok, err := f.lacks(ctx, e, s, mine, theirs[i])
		if err != nil {
			return nil, err
		}
		if w.events = append(w.events, events...); !ok {
			w.again = append(w.again, s.From)
		}
	}
	return w, nil
}

// lacks are the events that a fact is to be folded on by to have all that another has; ok is
// false if the segment is to be folded again.
func (f *Folder) lacks(ctx context.Context, e journal.Entity, s facts.Segment, mine *fact.Fact, other table.Item) (events []event.Event, ok bool, err error) {
	from := s.From
	if mine != nil {
		from = mine.Last.At
	}
	history, err := f.journal.Read(ctx, e, from, s.To)
	if err != nil {
		return nil, false, err
	}
	switch {
	case mine == nil:
		return history.Events, len(history.LeftOut)+len(history.Retractions) == 0, nil
	case len(mine.Seen) == 0: // all of it was taken back
		return nil, false, nil
	}
	last := event.Place{At: mine.Last.At, Type: mine.Last.Type, ID: mine.Last.ID, Source: mine.Last.Source}
	for i := range history.Events {
		if last.Compare(history.Events[i].Place()) < 0 {
			events = append(events, history.Events[i])
		}
	}
	theirs, err := fact.Decode(other.Value)
	if err != nil || !mine.Has(theirs, events) {
		return nil, false, nil
	}
	return events, true, nil
}
