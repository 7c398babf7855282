package schedule

import (
	"context"
	"fmt"
	"strings"

	"chatreports/shared/cell"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// changes are the times of which something may be told differently, since an item of the
// log: all that lies outside them is told as it was.
type changes struct {
	// from and to bound what is looked at.
	from, to int64
	// all: it is not known, because the log of the time has expired.
	all   bool
	edges []step.Edge
	// end is the last item of the log, counted when it was committed; 0: it has no items
	// after those that were known.
	end     uint64
	counted int64
}

const (
	// factsAtOnce is how many facts are read at once.
	factsAtOnce = 1000
	// mostEdges is from how many edges on they are taken together.
	mostEdges = 10_000
)

// changesSince reads the log after an item.
//
// A difference changes the numbers of the time it covers. The rows of a chat may change
// wherever it has any, those of an agent as far back as what then ended had begun: so of
// every chat and agent that the log names, the fact says which time that is.
func changesSince(ctx context.Context, state table.Table, tenant string, after uint64, from, to int64) (*changes, error) {
	c := &changes{from: from, to: to, end: after}
	named := map[string]bool{}
	for item, err := range cell.Since(ctx, state, tenant, after) {
		if err != nil {
			return nil, err
		}
		c.all = c.all || c.end == after && item.Seq > after+1
		c.end, c.counted = item.Seq, item.At
		for i := range item.Diffs {
			c.difference(&item.Diffs[i], named)
		}
		if len(named) >= factsAtOnce {
			if err := c.readFacts(ctx, state, tenant, named); err != nil {
				return nil, err
			}
		}
	}
	return c, c.readFacts(ctx, state, tenant, named)
}

// upToNow is where the log ends, for whom nothing can have changed.
func upToNow(ctx context.Context, state table.Table, tenant string) (*changes, error) {
	m, err := cell.ReadMerged(ctx, state, tenant)
	c := &changes{end: m.Merged, counted: m.At}
	for item, err := range cell.Since(ctx, state, tenant, m.Merged) {
		if err != nil {
			return nil, err
		}
		c.end, c.counted = item.Seq, item.At
	}
	return c, err
}

// difference takes a difference, and notes the chat or the agent that it is of.
func (c *changes) difference(d *cell.Difference, named map[string]bool) {
	if strings.HasPrefix(d.Fact, "chat/") || strings.HasPrefix(d.Fact, "agent/") {
		named[d.Fact] = true
	}
	switch d.Until {
	case 0:
		c.add(d.At, d.At+1)
	case measure.Forever:
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

// readFacts takes the times of the facts that are named, and forgets the names.
func (c *changes) readFacts(ctx context.Context, state table.Table, tenant string, named map[string]bool) error {
	keys := make([]table.Key, 0, len(named))
	for name := range named {
		p := table.Split(name)
		keys = append(keys, facts.Key(journal.Entity{Tenant: tenant, Kind: p[0], ID: p[1]}, p[2]))
	}
	clear(named)
	if len(keys) == 0 {
		return nil
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return fmt.Errorf("reading what changed: %w", err)
	}
	for _, item := range items {
		if item.Version == 0 {
			continue
		}
		f, err := facts.Decode(item)
		if err != nil {
			return err
		}
		if f.Chat != nil && f.Chat.Request != nil {
			c.add(f.Chat.Request.At, f.Last.At+1)
		}
	}
	return nil
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
