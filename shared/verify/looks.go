package verify

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// patience is how many times as often as Tries facts are looked at that go on to change.
const patience = 20

// parallel is how many entities are compared at once.
const parallel = 8

// facts compares the facts of all entities with their journal. Those that are not right are
// looked at again and again, while some events may still be on their way: until, Tries times
// in a row, no fact has changed. An entity whose events never cease is right once its facts
// have all that the journal had of it at the first look, and are what these fold into. What is
// still behind at the end, while facts go on to change, is not compared. It returns the
// entities that are wrong and can be folded again.
func (v *verifier) facts(ctx context.Context) (wrong []journal.Entity, err error) {
	left, _, err := v.look(ctx, v.entities(ctx))
	for looks, still := 1, 0; err == nil && left.n > 0; looks++ {
		if still == v.Tries || looks > patience*v.Tries {
			wrong, err = v.judge(ctx, left, still < v.Tries)
			break
		}
		select {
		case <-time.After(v.Wait):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), left.close())
		}
		before := left
		var changed bool
		left, changed, err = v.look(ctx, before.all())
		err = errors.Join(err, before.close())
		if still++; changed {
			still = 0
		}
	}
	return wrong, errors.Join(err, left.close())
}

// look compares entities once, and gives those that are not right, and whether any fact has
// changed since the look before.
func (v *verifier) look(ctx context.Context, of iter.Seq2[late, error]) (left *queue, changed bool, err error) {
	left = &queue{spill: newSpill(v.Dir, 1)}
	err = v.each(ctx, of, func(l *late, found *verdict) error {
		changed = changed || l.looked && l.stands != found.stands
		if l.settles(found) {
			v.report.Facts += found.facts
			return nil
		}
		return left.put(l)
	})
	return left, changed, err
}

// judge looks at entities for the last time. moving says that facts go on to change.
func (v *verifier) judge(ctx context.Context, of *queue, moving bool) (wrong []journal.Entity, err error) {
	var differences []Difference
	err = v.each(ctx, of.all(), func(l *late, found *verdict) error {
		switch {
		case l.settles(found):
			v.report.Facts += found.facts
		case found.torn || moving && found.but && !found.overtaken:
			v.report.behind(l.Entity, len(found.lacks))
		default:
			v.report.Facts += found.facts
			differences = append(differences, found.differences...)
			if !found.unfoldable {
				wrong = append(wrong, l.Entity)
			}
		}
		return nil
	})
	slices.SortStableFunc(differences, func(a, b Difference) int { return strings.Compare(a.Entity, b.Entity) })
	v.report.Differences = append(v.report.Differences, differences...)
	return wrong, err
}

// each compares entities beside one another, and calls take for one after another.
func (v *verifier) each(ctx context.Context, of iter.Seq2[late, error], take func(*late, *verdict) error) error {
	var mu sync.Mutex
	var failed error
	g, working := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for l, err := range of {
		if failed = err; err != nil || working.Err() != nil {
			break
		}
		g.Go(func() error {
			days := map[cell.Day]bool{}
			found, err := v.compare(working, l.Entity, days)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for d := range days {
				v.days[d] += 0
			}
			return take(&l, &found)
		})
	}
	return errors.Join(failed, g.Wait(), ctx.Err())
}

// late is an entity that was perhaps looked at before, and was not right.
type late struct {
	journal.Entity
	looked bool
	stands uint64 // its facts at the last look
	// lacks are events that they had not folded at the first look, nor at any since.
	lacks map[uint32]bool
}

// settles takes another look at an entity, and says whether it is right.
func (l *late) settles(found *verdict) bool {
	lacks := map[uint32]bool{}
	for h := range found.lacks {
		if !l.looked || l.lacks[h] {
			lacks[h] = true
		}
	}
	l.looked, l.stands, l.lacks = true, found.stands, lacks
	return len(found.differences) == 0 || found.but && len(lacks) == 0
}

// queue are entities that are to be looked at again: in files, if they are many.
type queue struct {
	*spill
	n int
}

func (q *queue) put(l *late) error {
	value := binary.BigEndian.AppendUint64(nil, l.stands)
	for h := range l.lacks {
		value = binary.BigEndian.AppendUint32(value, h)
	}
	q.n++
	return q.spill.put(0, &table.Item{Key: table.Key{Part: table.Join(l.Tenant, l.Kind, l.ID), Sort: "-"}, Value: value, Version: 1})
}

func (q *queue) all() iter.Seq2[late, error] {
	return func(yield func(late, error) bool) {
		for item, err := range q.each(0) {
			if err != nil {
				yield(late{}, err)
				return
			}
			p := table.Split(item.Part)
			l := late{Entity: journal.Entity{Tenant: p[0], Kind: p[1], ID: p[2]}, looked: true, stands: binary.BigEndian.Uint64(item.Value), lacks: map[uint32]bool{}}
			for rest := item.Value[8:]; len(rest) > 0; rest = rest[4:] {
				l.lacks[binary.BigEndian.Uint32(rest)] = true
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

// behind notes an entity that was not compared.
func (r *Report) behind(e journal.Entity, lacks int) {
	if r.Behind++; len(r.Late) < mostNamed {
		r.Late = append(r.Late, Difference{What: "behind", Entity: table.Join(e.Kind, e.ID), Note: fmt.Sprintf("not compared; %d of its events are not folded yet", lacks)})
	}
}

// mostNamed is how many of those that are behind are named.
const mostNamed = 10
