// Package rate counts a tenant's calls: at most so many within a time, whichever process
// they come to. In: a call at a moment. Out: whether it may be made, and how many more.
// The times of the last calls are one record of the tenant, which is dropped when none of
// them counts any more. It knows neither what is called nor HTTP, and has no clock.
package rate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// Limit is how many calls of a name a tenant may make within a time.
type Limit struct {
	Name  string
	Calls int
	Per   time.Duration
}

// Allowance is what a call was told.
type Allowance struct {
	// OK: it may be made, and was counted.
	OK bool
	// Left is how many calls may follow at once.
	Left int
	// Again is when there is room for one call more than there is now.
	Again time.Time
}

// record is what is stored: when the last calls came, in Unix milliseconds, in order.
type record struct {
	Calls []int64 `cbor:"1,keyasint,omitempty"`
}

// mostTries is how often a record is read anew that another call has changed meanwhile. Each
// time that call was counted, so where fewer calls may be, as many are counted of those that
// come at once; beyond it a call is told to come again, as if there were no room.
const mostTries = 100

// Take counts a call.
func (l Limit) Take(ctx context.Context, state table.Table, tenant string, now time.Time) (Allowance, error) {
	for range min(l.Calls+1, mostTries) {
		item, calls, err := l.read(ctx, state, tenant, now)
		if err != nil {
			return Allowance{}, err
		}
		if len(calls) >= l.Calls {
			return l.allowance(calls, now), nil
		}
		calls = append(calls, now.UnixMilli())
		slices.Sort(calls) // clocks of several processes
		next := table.Item{Key: item.Key, Version: item.Version + 1, Expires: now.Add(2*l.Per + time.Minute).Unix()}
		if next.Value, err = stored.Marshal(record{calls}); err != nil {
			return Allowance{}, err
		}
		err = state.Write(ctx, table.Op{Item: next, If: table.Unchanged(item)})
		if err == nil {
			a := l.allowance(calls, now)
			a.OK = true
			return a, nil
		}
		if _, lost := errors.AsType[*table.ConflictError](err); !lost {
			return Allowance{}, fmt.Errorf("counting that %q called %s: %w", tenant, l.Name, err)
		}
	}
	return Allowance{Again: now.Add(time.Second)}, nil
}

// Look tells how many calls may be made, and counts none.
func (l Limit) Look(ctx context.Context, state table.Table, tenant string, now time.Time) (Allowance, error) {
	_, calls, err := l.read(ctx, state, tenant, now)
	a := l.allowance(calls, now)
	a.OK = a.Left > 0
	return a, err
}

// read gives the calls that count at a moment, in order.
func (l Limit) read(ctx context.Context, state table.Table, tenant string, now time.Time) (table.Item, []int64, error) {
	key := table.Key{Part: table.Join(tenant, "rate"), Sort: table.Join(l.Name)}
	items, err := state.Get(ctx, key)
	if err != nil {
		return table.Item{}, nil, fmt.Errorf("reading how often %q called %s: %w", tenant, l.Name, err)
	}
	var r record
	if items[0].Version > 0 {
		if err := stored.Unmarshal(items[0].Value, &r); err != nil {
			return table.Item{}, nil, fmt.Errorf("how often %q called %s cannot be read: %w", tenant, l.Name, err)
		}
	}
	items[0].Key = key
	first, _ := slices.BinarySearch(r.Calls, now.Add(-l.Per).UnixMilli()+1)
	return items[0], r.Calls[first:], nil
}

// allowance is what some calls leave.
func (l Limit) allowance(calls []int64, now time.Time) Allowance {
	if len(calls) == 0 {
		return Allowance{Left: l.Calls, Again: now}
	}
	return Allowance{Left: max(0, l.Calls-len(calls)), Again: time.UnixMilli(calls[max(0, len(calls)-l.Calls)]).Add(l.Per)}
}
