// Package directory lists the entities a tenant has announced (agents,
// departments, campaigns, …) with what their .updated events say of them. In: a
// tenant and kinds. Out: entries by id. It knows no measures and no reports.
package directory

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/fact"
	"chatreports/shared/table"
)

// Key is where the entry of one entity lies.
func Key(tenant, kind, id string) table.Key {
	return table.Key{Part: part(tenant, kind), Sort: table.Join(id)}
}

func part(tenant, kind string) string { return table.Join(tenant, "dir", kind) }

// Read returns the entries of one kind by id.
func Read(ctx context.Context, state table.Table, tenant, kind string) (map[string]*fact.Entry, error) {
	out := map[string]*fact.Entry{}
	for item, err := range state.Query(ctx, table.Range{Part: part(tenant, kind)}) {
		if err != nil {
			return nil, fmt.Errorf("listing every %s of %q: %w", kind, tenant, err)
		}
		f, err := fact.Decode(item.Value)
		if err != nil || f.Entry == nil {
			return nil, fmt.Errorf("directory entry %q %q cannot be read: %w", item.Part, item.Sort, err)
		}
		out[table.Split(item.Sort)[0]] = f.Entry
	}
	return out, nil
}

// Statuses returns the status an agent had at from (Unix milliseconds; empty is
// offline), and its changes later than that and before to.
func Statuses(ctx context.Context, state table.Table, tenant, agent string, from, to int64) (before string, changes []fact.Status, err error) {
	part := table.Join(tenant, "fact", "agent", agent)
	day := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02") }
	segments := func(r table.Range) ([]*fact.Agent, error) {
		var out []*fact.Agent
		for item, err := range state.Query(ctx, r) {
			if err != nil {
				return nil, fmt.Errorf("reading agent %q: %w", agent, err)
			}
			f, err := fact.Decode(item.Value)
			if err != nil || f.Agent == nil {
				return nil, fmt.Errorf("agent %q %q cannot be read: %w", agent, item.Sort, err)
			}
			out = append(out, f.Agent)
		}
		return out, nil
	}
	// The segment that covers from is the last that begins on its day or before.
	var list, later []*fact.Agent
	var g errgroup.Group
	g.Go(func() (err error) {
		list, err = segments(table.Range{Part: part, To: day(from) + "~", Reverse: true, Limit: 1})
		return err
	})
	if to > from {
		g.Go(func() (err error) {
			later, err = segments(table.Range{Part: part, From: day(from) + "~", To: day(to-1) + "~"})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return "", nil, err
	}
	list = append(list, later...)
	for i, a := range list {
		if i == 0 && a.Start <= from {
			before = a.Before.Status
		}
		for _, s := range a.Statuses {
			switch {
			case s.At <= from:
				before = s.Status
			case s.At < to:
				changes = append(changes, s)
			}
		}
	}
	return before, changes, nil
}
