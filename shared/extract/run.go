package extract

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/fact"
)

// Progress is how far a run has come.
type Progress struct {
	// Done of all slices are told: UTC days on which there may be any chat; of agents
	// there is one slice.
	Done, Of int
	Rows     int64
}

// Run tells a report's rows, in order, as they are read: once. Only some rows are in
// memory, however many there are. progress hears of every slice, and may be nil.
func (s *Source) Run(r *Report, progress func(Progress)) *dialect.Sheet {
	return &dialect.Sheet{Columns: r.Columns, Rows: func(yield func([]string, error) bool) {
		run := &run{Source: s, report: r}
		all := run.slices()
		p := Progress{Of: len(all)}
		for i := range all {
			more, err := run.slice(&all[i], func(cells []string) bool {
				p.Rows++
				return yield(cells, nil)
			})
			if err != nil {
				yield(nil, fmt.Errorf("telling the rows of %s: %w", r.Name, err))
			}
			if err != nil || !more {
				return
			}
			if p.Done++; progress != nil {
				progress(p)
			}
		}
	}}
}

// run is a report that is being told.
type run struct {
	*Source
	report *Report
}

// slice is a part of the window, whose rows are sorted together.
type slice struct {
	from, to int64
	// midnight is that of the day, of a report of chats.
	midnight int64
	// overlapping: what is in force at the beginning belongs to it.
	overlapping bool
}

// slices are those of the window, in order: the days of chats, all of it of agents.
func (r *run) slices() []slice {
	w := r.window
	if r.report.Agents != nil {
		return []slice{{from: w.From, to: w.To}}
	}
	days := r.listing.Days(w.From, w.To)
	if r.report.Overlapping && w.From != math.MinInt64 && w.From < w.To {
		if first := fact.Midnight(fact.DayOf(w.From)); len(days) == 0 || days[0] != first {
			days = slices.Insert(days, 0, first)
		}
	}
	out := make([]slice, len(days))
	for i, midnight := range days {
		out[i] = slice{from: max(w.From, midnight), to: min(w.To, fact.Midnight(fact.DayOf(midnight)+1)), midnight: midnight}
		out[i].overlapping = r.report.Overlapping && i == 0
	}
	return out
}

// parallel is how many journals are read at once: each read waits for the engine.
const parallel = 64

// slice tells one slice and gives its rows in order, as long as more are wanted.
func (r *run) slice(sl *slice, f func(cells []string) bool) (more bool, err error) {
	ids, err := r.ids(sl)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel() // also what sorts in files
	out := &sorter{ctx: ctx, dir: r.ground.Dir}
	var mu sync.Mutex
	var next atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	for range min(parallel, len(ids)) {
		g.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(ids)) && gctx.Err() == nil; i = next.Add(1) - 1 {
				rows, err := r.rows(ids[i], sl)
				if err == nil {
					mu.Lock()
					err = out.add(rows)
					mu.Unlock()
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	if err := cmp.Or(r.ctx.Err(), r.Err()); err != nil {
		return false, err
	}
	return out.each(f)
}

// ids are the entities that may have rows in a slice.
func (r *run) ids(sl *slice) ([]string, error) {
	if r.report.Agents != nil {
		return r.Known("agent")
	}
	ids, err := r.listing.Chats(sl.midnight)
	if err != nil || !sl.overlapping {
		return ids, err
	}
	more, err := r.inForce(sl.from)
	ids = append(ids, more...)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// rows are those of one entity that lie in a slice.
func (r *run) rows(id string, sl *slice) (out []sorted, err error) {
	defer func() { // of a row function: it must not end everything else that runs here
		if p := recover(); p != nil {
			err = fmt.Errorf("telling %q: %v", id, p)
		}
	}()
	emit := func(row Row) {
		if sl.from <= row.At && row.At < sl.to {
			out = append(out, sorted{row, id, len(out)})
		}
	}
	if r.report.Agents != nil {
		a, err := r.Agent(id)
		if err == nil {
			r.report.Agents(r.window, r.names, a, emit)
		}
		return out, err
	}
	var c *conversation.Conversation
	if c, err = r.Conversation(id); c != nil {
		r.report.Chats(r.window, r.names, c, emit)
	}
	return out, err
}
