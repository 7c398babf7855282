package main

import (
	"context"
	"errors"
	"iter"
	"maps"
	"sync"
	"time"

	"chatreports/shared/table"
)

// tally is what was counted.
type tally struct {
	WriteUnits map[string]int // by kind of record
	Items      map[string]int // written, by kind
	Bytes      map[string]int // written, by kind
	ReadUnits  map[string]int // by kind
	Reads      int            // round trips
	Depth      int            // round trips one after another
}

func newTally() tally {
	return tally{WriteUnits: map[string]int{}, Items: map[string]int{}, Bytes: map[string]int{}, ReadUnits: map[string]int{}}
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// counted is a table that counts what DynamoDB would charge for its calls.
type counted struct {
	table.Table
	kind func(table.Key) string
	page int // bytes that a query answers at once
	// quiet is for how long no call must have begun before those that wait are answered,
	// all at once, so that calls made in parallel are seen to be; 0 where depth is not
	// asked for.
	quiet time.Duration

	mu      sync.Mutex
	t       tally
	waiting chan struct{} // closed when those that wait are answered; nil: nobody does
	answers *time.Timer
}

func newCounted(t table.Table, kind func(table.Key) string) *counted {
	return &counted{Table: t, kind: kind, page: pageBytes, t: newTally()}
}

func (c *counted) tally() tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.t
	return tally{maps.Clone(t.WriteUnits), maps.Clone(t.Items), maps.Clone(t.Bytes), maps.Clone(t.ReadUnits), t.Reads, t.Depth}
}

// trip is one round trip: it comes after all that had ended when it began.
func (c *counted) trip() (end func()) {
	c.mu.Lock()
	depth := c.t.Depth + 1
	if c.quiet > 0 {
		answered := c.wait()
		c.mu.Unlock()
		<-answered
		c.mu.Lock()
	}
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.t.Reads++
		c.t.Depth = max(c.t.Depth, depth)
	}
}

// wait joins those that wait for an answer.
func (c *counted) wait() (answered chan struct{}) {
	if c.waiting != nil {
		c.answers.Reset(c.quiet)
		return c.waiting
	}
	c.waiting = make(chan struct{})
	c.answers = time.AfterFunc(c.quiet, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.waiting != nil {
			close(c.waiting)
			c.waiting = nil
		}
	})
	return c.waiting
}

func (c *counted) read(kind string, units int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.ReadUnits[kind] += units
}

// Get implements table.Table; batches of 100 keys go in parallel.
func (c *counted) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	end := c.trip()
	defer end()
	items, err := c.Table.Get(ctx, keys...)
	for i := range items {
		size := 0
		if items[i].Version != 0 {
			size = itemBytes(&items[i])
		}
		c.read(c.kind(items[i].Key), roundUp(size, readUnitBytes))
	}
	return items, err
}

// Query implements table.Table, a page at a time.
func (c *counted) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		var page []table.Item
		kind := c.kind(table.Key{Part: r.Part, Sort: r.From})
		flush := func(end func(), size int) bool {
			c.read(kind, roundUp(size, readUnitBytes))
			end()
			for _, item := range page {
				if err := ctx.Err(); err != nil {
					yield(table.Item{}, err)
					return false
				}
				if !yield(item, nil) {
					return false
				}
			}
			page = page[:0]
			return true
		}
		end, size := c.trip(), 0
		for item, err := range c.Table.Query(ctx, r) {
			if err != nil {
				yield(table.Item{}, err)
				return
			}
			if n := itemBytes(&item); size+n > c.page {
				if !flush(end, size) {
					return
				}
				end, size = c.trip(), 0
			}
			page, size = append(page, item), size+itemBytes(&item)
		}
		flush(end, size)
	}
}

// Write implements table.Table.
func (c *counted) Write(ctx context.Context, ops ...table.Op) error {
	old, err := c.before(ctx, ops)
	if err != nil {
		return err
	}
	err = c.Table.Write(ctx, ops...)
	var conflict *table.ConflictError
	if err == nil || errors.As(err, &conflict) {
		c.wrote(ops, old, len(ops) > 1)
	}
	return err
}

// PutEach implements table.Table.
func (c *counted) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	old, err := c.before(ctx, ops)
	if err != nil {
		return nil, err
	}
	stood, err := c.Table.PutEach(ctx, ops...)
	if err == nil {
		c.wrote(ops, old, false)
	}
	return stood, err
}

// before looks up, uncounted, what the operations are about to replace.
func (c *counted) before(ctx context.Context, ops []table.Op) ([]table.Item, error) {
	keys := make([]table.Key, len(ops))
	for i := range ops {
		keys[i] = ops[i].Item.Key
	}
	return c.Table.Get(ctx, keys...)
}

func (c *counted) wrote(ops []table.Op, old []table.Item, transaction bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range ops {
		kind := c.kind(ops[i].Item.Key)
		c.t.WriteUnits[kind] += writeUnits(&ops[i], &old[i], transaction)
		c.t.Items[kind]++
		c.t.Bytes[kind] += itemBytes(&ops[i].Item)
	}
}
