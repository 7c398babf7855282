package schedule

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// Told says what a report is made of, and so by what it changes.
type Told uint8

// What reports are made of; one may be made of several.
const (
	// Counters change at the time of the differences in the log.
	Counters Told = 1 << iota
	// Chats have rows wherever anything happened to them, and each may change with the chat.
	Chats
	// Agents have rows as far back as what then ended had begun.
	Agents
	// Stays are the times agents are in chats: they go on when nothing happens any more.
	Stays
	// Shifts are work shifts: a row of one is where the shift began, whatever it tells of it.
	// They are taken to last a day at most.
	Shifts
)

const longestShift = int64(24 * time.Hour / time.Millisecond)

// changes are the times of which something may be told differently, since an item of the
// log: all that lies outside them is told as it was.
type changes struct {
	state table.Table // where the log is
	told  Told
	// from and to bound what is looked at.
	from, to int64
	// all: it is not known, because the log of the time has expired, or was another
	// generation's.
	all   bool
	edges []step.Edge
	// end is the last item of the log, counted when it was committed; 0: it has no items
	// after those that were known.
	end     uint64
	counted int64
}

const (
	// namedAtOnce is how many chats and agents are looked up at once, parallel how many of
	// them beside one another.
	namedAtOnce = 1000
	parallel    = 64
	// mostEdges is from how many edges on they are taken together.
	mostEdges = 10_000
)

// changesSince reads the log of a tenant after an item, for a report. Every chat or agent
// that changed is named there, be it by a difference of nothing.
func (s *Scheduler) changesSince(ctx context.Context, state table.Table, tenant string, told Told, after uint64, from, to int64) (*changes, error) {
	c := &changes{state: state, told: told, from: from, to: to, end: after}
	named := map[string]bool{}
	for item, err := range counter.Since(ctx, state, tenant, after) {
		if err != nil {
			return nil, err
		}
		c.all = c.all || c.end == after && item.Seq > after+1
		c.end, c.counted = item.Seq, item.At
		for i := range item.Diffs {
			c.difference(&item.Diffs[i], named)
		}
		if len(named) >= namedAtOnce {
			if err := s.lookUp(ctx, tenant, c, named); err != nil {
				return nil, err
			}
		}
	}
	return c, s.lookUp(ctx, tenant, c, named)
}

// upToNow is where the log ends, for whom nothing can have changed.
func upToNow(ctx context.Context, state table.Table, tenant string) (*changes, error) {
	m, err := counter.ReadMerged(ctx, state, tenant)
	c := &changes{end: m.Merged, counted: m.At}
	for item, err := range counter.Since(ctx, state, tenant, m.Merged) {
		if err != nil {
			return nil, err
		}
		c.end, c.counted = item.Seq, item.At
	}
	return c, err
}

// difference takes a difference, and notes the chat or the agent that it names.
func (c *changes) difference(d *cell.Difference, named map[string]bool) {
	if c.told&Chats != 0 && strings.HasPrefix(d.Fact, "chat/") || c.told&Agents != 0 && strings.HasPrefix(d.Fact, "agent/") {
		named[d.Fact] = true
	}
	switch {
	case c.told&Counters == 0 || d.N == 0:
	case d.Until == 0:
		c.add(d.At, d.At+1)
	case d.Until == measure.Forever:
		c.add(d.At, c.to)
	default:
		c.add(d.At, d.Until)
	}
}

func (c *changes) add(from, to int64) {
	if from, to = max(from, c.from), min(to, c.to); from >= to {
		return
	}
	c.edges = append(c.edges, step.Edge{At: from, N: 1}, step.Edge{At: to, N: -1})
	if len(c.edges) < mostEdges {
		return
	}
	together := step.Above(c.edges)
	c.edges = c.edges[:0]
	for _, s := range together {
		c.edges = append(c.edges, step.Edge{At: s.From, N: 1}, step.Edge{At: s.To, N: -1})
	}
}

// lookUp takes the times of the chats and agents that are named, and forgets the names.
func (s *Scheduler) lookUp(ctx context.Context, tenant string, c *changes, named map[string]bool) error {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for name := range named {
		g.Go(func() error {
			p := table.Split(name)
			e := journal.Entity{Tenant: tenant, Kind: p[0], ID: p[1]}
			from, to, err := s.chat(ctx, e)
			if e.Kind == "agent" {
				from, to, err = agentDay(ctx, c.state, e, p[2])
			}
			if c.told&Stays != 0 {
				to = c.to
			}
			if c.told&Shifts != 0 {
				from = max(from, c.from) - longestShift
			}
			mu.Lock()
			defer mu.Unlock()
			c.add(from, to)
			return err
		})
	}
	err := g.Wait()
	clear(named)
	return err
}

// chat is the time in which a chat may have rows: from its first event to its last.
func (s *Scheduler) chat(ctx context.Context, e journal.Entity) (from, to int64, err error) {
	first, last, ok, err := journal.New(s.Journal).Bounds(ctx, e)
	if !ok {
		return 0, 0, err
	}
	return first, last + 1, nil
}

// agentDay is the time in which an agent may have other rows when something changed on a
// day: from the beginning of what then ended to the next day with an event, up to which
// it stays as it was then.
func agentDay(ctx context.Context, state table.Table, e journal.Entity, day string) (from, to int64, err error) {
	items, err := state.Get(ctx, facts.Key(e, day))
	if err != nil {
		return 0, 0, fmt.Errorf("reading a day of agent %q: %w", e.ID, err)
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil { // what was taken back is named with the days of it
		return 0, 0, nil
	}
	from, to = at.UnixMilli(), at.AddDate(0, 0, 1).UnixMilli()
	if items[0].Version == 0 {
		return math.MinInt64, to, nil // it is gone, and what it said is not known
	}
	f, err := facts.Decode(items[0])
	if err != nil {
		return 0, 0, err
	}
	return min(from, since(f)), max(to, f.Agent.Until), nil
}

// since is when began what ended on an agent's day, or may have ended on it before
// something was taken back.
func since(f *fact.Fact) int64 {
	before, after := &f.Agent.Before, &f.Agent.After
	if !before.Told {
		return math.MinInt64
	}
	retracted := len(f.Retracted) > 0
	from := int64(math.MaxInt64)
	for i := range before.Series {
		was := &before.Series[i]
		ended := !slices.ContainsFunc(after.Series, func(is fact.Period) bool { return is.Campaign == was.Campaign && is.Event == was.Event })
		if ended || retracted {
			from = min(from, was.Since, was.Turned)
		}
	}
	if was, is := before.Current, after.Current; was != nil && (is == nil || is.Event != was.Event || retracted) {
		from = min(from, was.Since)
	}
	if was, is := before.AutoAssign, after.AutoAssign; was != nil && (is == nil || is.Event != was.Event || retracted) {
		from = min(from, was.Since)
	}
	return from
}

// periods lists the periods, those that begin at or after from and end at to or before,
// in which something changed.
func (c *changes) periods(t *Timing, from, to int64) []step.Span {
	spans := step.Above(c.edges)
	if c.all {
		spans = []step.Span{{From: from, To: to}}
	}
	var out []step.Span
	for _, s := range spans {
		for p := t.at(s.From); p.From < s.To && p.To <= to; p = t.at(p.To) {
			if n := len(out); p.From >= from && (n == 0 || out[n-1].From < p.From) {
				out = append(out, p)
			}
		}
	}
	return out
}
