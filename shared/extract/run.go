package extract

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/fact"
	"chatreports/shared/journal"
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
		run := s.run(r)
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
	// large is held while a chat of many events is told: so of such chats one at a time is in
	// memory.
	large sync.Mutex
	// tellers are those at rest: as many entities are told at once as there are processors,
	// while the journals of others are read.
	tellers chan *teller
}

// teller tells one entity after another, and keeps what serves the next one.
type teller struct {
	decoder *journal.Decoder
	names   *names
	chats   conversation.Teller
	row     []byte // the last one
}

func (s *Source) run(r *Report) *run {
	n := runtime.GOMAXPROCS(0)
	out := &run{Source: s, report: r, tellers: make(chan *teller, n)}
	for range n {
		names := s.directory.keeping(mostNames / n)
		out.tellers <- &teller{decoder: journal.NewDecoder(), names: names, chats: conversation.Teller{Groups: names.Groups}}
	}
	return out
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
	add := func(row []byte) error {
		mu.Lock()
		defer mu.Unlock()
		return out.add(row)
	}
	var next atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	for range min(parallel, len(ids)) {
		g.Go(func() error {
			records := new(journal.Records)
			for i := next.Add(1) - 1; i < int64(len(ids)) && gctx.Err() == nil; i = next.Add(1) - 1 {
				if err := r.tell(ids[i], records, sl, add); err != nil {
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

// tell tells one entity, and gives its rows that lie in a slice. A chat's events are read
// into records.
func (r *run) tell(id string, records *journal.Records, sl *slice, add func(row []byte) error) (err error) {
	defer func() { // of a row function: it must not end everything else that runs here
		if p := recover(); p != nil {
			err = fmt.Errorf("telling %q: %v", id, p)
		}
	}()
	large := false
	many := func() { r.large.Lock(); large = true }
	defer func() {
		if large {
			r.large.Unlock()
		}
	}()
	var found *agent
	if r.report.Agents != nil {
		found, err = r.agent(id, many)
	} else {
		err = r.journal.ReadRecords(r.ctx, records, r.entity("chat", id), math.MinInt64, math.MaxInt64, many)
	}
	if err != nil {
		return err
	}
	t := <-r.tellers
	defer func() { r.tellers <- t }()
	n := 0
	emit := func(row Row) {
		if sl.from <= row.At && row.At < sl.to && err == nil {
			t.row = encode(t.row[:0], &row, id, n)
			err = add(t.row)
			n++
		}
	}
	if found != nil {
		a, failed := found.told(t.decoder)
		if failed != nil {
			return failed
		}
		r.report.Agents(r.window, t.names, a, emit)
		return err
	}
	if c := t.chats.Tell(records.Events(t.decoder), r.report.Types); c != nil {
		r.report.Chats(r.window, t.names, c, emit)
	}
	return cmp.Or(err, records.Err())
}
