package facts

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// Day is one stored day of an agent: it covers the time until the next one begins.
type Day struct {
	Start int64 // Unix milliseconds
	Item  table.Item
}

// Days returns the days of an agent that begin in [from, to), oldest first.
// math.MinInt64 and fact.Forever are no bounds.
func Days(ctx context.Context, state table.Table, agent journal.Entity, from, to int64) ([]Day, error) {
	return days(ctx, state, agent, table.Range{From: after(from), To: after(to)})
}

// LastDays returns the last n days of an agent that begin before a time, the newest
// first. fact.Forever is no bound.
func LastDays(ctx context.Context, state table.Table, agent journal.Entity, before int64, n int) ([]Day, error) {
	return days(ctx, state, agent, table.Range{To: after(before), Reverse: true, Limit: n})
}

// Newest returns the last n days of an agent, the newest first, and the record of what was
// taken back, of Version 0 if there is none.
func Newest(ctx context.Context, state table.Table, agent journal.Entity, n int) (out []Day, retracted table.Item, err error) {
	items, err := query(ctx, state, agent, table.Range{Part: part(agent), Reverse: true, Limit: n + 1})
	if err != nil {
		return nil, retracted, err
	}
	if len(items) > 0 && items[0].Sort == Retracted {
		retracted, items = items[0], items[1:]
	}
	out, err = daysOf(items[:min(n, len(items))])
	return out, retracted, err
}

// after is a sort key between the days that begin before a time and all others.
func after(ms int64) string {
	if ms == math.MinInt64 || ms == fact.Forever {
		return ""
	}
	return SegmentAt("agent", ms-1).Name + "~"
}

func days(ctx context.Context, state table.Table, agent journal.Entity, r table.Range) ([]Day, error) {
	if r.Part = part(agent); r.To == "" {
		r.To = Retracted
	}
	items, err := query(ctx, state, agent, r)
	if err != nil {
		return nil, err
	}
	return daysOf(items)
}

func daysOf(items []table.Item) ([]Day, error) {
	out := make([]Day, len(items))
	for i, item := range items {
		start, err := time.Parse(dayLayout, item.Sort)
		if err != nil {
			return nil, fmt.Errorf("the fact at %q %q is not of a day: %w", item.Part, item.Sort, err)
		}
		out[i] = Day{start.UnixMilli(), item}
	}
	return out, nil
}

// ChainKey is where the record lies that every first day of an agent moves: two new
// first days at once have no day before them that both would change, and meet there.
func ChainKey(agent journal.Entity) table.Key {
	return table.Key{Part: table.Join(agent.Tenant, "chain", agent.ID), Sort: "-"}
}

// StatusLog is an agent's status at a moment (empty is offline) and the changes after it.
type StatusLog struct {
	Before  string
	Changes []fact.Status
}

// StatusLogs reads, beside one another, the status every agent had at from (Unix
// milliseconds), and the changes later than that and before to.
func StatusLogs(ctx context.Context, state table.Table, tenant string, agents []string, from, to int64) (map[string]StatusLog, error) {
	logs := make([]StatusLog, len(agents))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(64)
	for i, id := range agents {
		g.Go(func() (err error) {
			logs[i], err = statusLog(ctx, state, journal.Entity{Tenant: tenant, Kind: "agent", ID: id}, from, to)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := make(map[string]StatusLog, len(agents))
	for i, id := range agents {
		out[id] = logs[i]
	}
	return out, nil
}

func statusLog(ctx context.Context, state table.Table, agent journal.Entity, from, to int64) (log StatusLog, err error) {
	// The day that covers from is the last that begins then or before.
	var covering, later []Day
	var g errgroup.Group
	g.Go(func() (err error) {
		covering, err = LastDays(ctx, state, agent, from+1, 1)
		return err
	})
	if to > from {
		g.Go(func() (err error) {
			later, err = Days(ctx, state, agent, from+1, to)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return log, err
	}
	for i, day := range slices.Concat(covering, later) {
		f, err := Decode(day.Item)
		if err != nil {
			return log, err
		}
		if f.Agent == nil {
			return log, fmt.Errorf("the fact at %q %q is of no agent", day.Item.Part, day.Item.Sort)
		}
		if i == 0 && day.Start <= from {
			log.Before = f.Agent.Before.Status
		}
		for _, s := range f.Agent.Statuses {
			switch {
			case s.At <= from:
				log.Before = s.Status
			case s.At < to:
				log.Changes = append(log.Changes, s)
			}
		}
	}
	return log, nil
}
