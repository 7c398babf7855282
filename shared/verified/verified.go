// Package verified keeps what the last verification of a tenant found, so that people can
// look at it. In: a result. Out: the last one. It does not know how anything is verified, and
// names no entity: what differs is counted.
package verified

import (
	"context"
	"fmt"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// Result is what a verification found.
type Result struct {
	// At is when it ended.
	At time.Time
	// From and To bound the UTC days whose counters were compared, half-open; zero is all.
	From, To time.Time
	// Facts and Blocks are how many were compared.
	Facts, Blocks int
	// Differences are how many there are by what they are in (fact, block, detail, …), Mended
	// how many were mended before.
	Differences map[string]int
	Mended      int
	// Behind are how many entities were not compared, since they were not folded as fast as
	// their events came.
	Behind int
}

// record is a result as it is stored: times in Unix milliseconds, 0 for none.
type record struct {
	At          int64          `cbor:"1,keyasint"`
	From        int64          `cbor:"2,keyasint,omitempty"`
	To          int64          `cbor:"3,keyasint,omitempty"`
	Facts       int            `cbor:"4,keyasint,omitempty"`
	Blocks      int            `cbor:"5,keyasint,omitempty"`
	Differences map[string]int `cbor:"6,keyasint,omitempty"`
	Mended      int            `cbor:"7,keyasint,omitempty"`
	Behind      int            `cbor:"8,keyasint,omitempty"`
}

func key(tenant string) table.Key {
	return table.Key{Part: table.Join(tenant, "verified"), Sort: "-"}
}

// Keep stores a result in the place of the one before.
func Keep(ctx context.Context, state table.Table, tenant string, r *Result) error {
	value, err := stored.Marshal(record{stored.Millis(r.At), stored.Millis(r.From), stored.Millis(r.To), r.Facts, r.Blocks, r.Differences, r.Mended, r.Behind})
	if err != nil {
		return err
	}
	before, err := state.Get(ctx, key(tenant))
	if err == nil {
		err = state.Write(ctx, table.Op{Item: table.Item{Key: key(tenant), Value: value, Version: before[0].Version + 1}})
	}
	if err != nil {
		return fmt.Errorf("keeping what verifying %q found: %w", tenant, err)
	}
	return nil
}

// Last is the last result; nil: there is none.
func Last(ctx context.Context, state table.Table, tenant string) (*Result, error) {
	items, err := state.Get(ctx, key(tenant))
	if err != nil {
		return nil, fmt.Errorf("reading what verifying %q found: %w", tenant, err)
	}
	if items[0].Version == 0 {
		return nil, nil
	}
	var r record
	if err := stored.Unmarshal(items[0].Value, &r); err != nil {
		return nil, fmt.Errorf("what verifying %q found cannot be read: %w", tenant, err)
	}
	return &Result{stored.Moment(r.At), stored.Moment(r.From), stored.Moment(r.To), r.Facts, r.Blocks, r.Differences, r.Mended, r.Behind}, nil
}
