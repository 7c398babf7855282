package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// acme is the one tenant of every run.
var acme = tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}

// Sizes of full batches: of events an append, of records of the stream a fold.
const (
	appendBatch = 500
	streamBatch = 1000
)

// chain is the product from the door to the counters, with the stream in memory.
type chain struct {
	journal *journal.Journal
	state   table.Table
	folders []*fold.Folder // one a shard: each has a memory of its own
	now     time.Time
	stream  []table.Item
	merged  time.Time
}

// newChain builds it over two tables, with a stream of one shard.
func newChain(journalTable, state table.Table) *chain { return newChainOf(1, journalTable, state) }

// newChainOf builds it with a stream of some shards.
func newChainOf(shards int, journalTable, state table.Table) *chain {
	c := &chain{state: table.Divide(state)}
	tapped := tap{journalTable, &c.stream}
	c.journal = journal.New(tapped)
	for range shards {
		c.folders = append(c.folders, fold.New(tapped, c.state, func() time.Time { return c.now }))
	}
	return c
}

// shard is the shard of a record: as in DynamoDB, all of a partition are in one.
func (c *chain) shard(item *table.Item) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(item.Part))
	return int(h.Sum32() % uint32(len(c.folders)))
}

// tap is a journal's table that puts what is new on the stream.
type tap struct {
	table.Table
	stream *[]table.Item
}

func (t tap) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := t.Table.PutEach(ctx, ops...)
	for i := range stood {
		if err == nil && stood[i] == nil {
			*t.stream = append(*t.stream, ops[i].Item)
		}
	}
	return stood, err
}

// append stores events, as many at a time as a request may hold.
func (c *chain) append(ctx context.Context, events []event.Event) error {
	for len(events) > 0 {
		n := min(len(events), appendBatch)
		if _, err := c.journal.Append(ctx, acme.ID, events[:n], c.now); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// fold takes what is on the stream, if it holds at least so many records: each folder those
// of its shard, one folder after another.
func (c *chain) fold(ctx context.Context, least int) error {
	for len(c.stream) > 0 && len(c.stream) >= least {
		n := min(len(c.stream), streamBatch)
		batches := make([][]table.Item, len(c.folders))
		for i := range c.stream[:n] {
			at := c.shard(&c.stream[i])
			batches[at] = append(batches[at], c.stream[i])
		}
		c.stream = c.stream[n:]
		for at, batch := range batches {
			failed, err := c.folders[at].Apply(ctx, batch)
			if err != nil {
				return err
			}
			for i, err := range failed {
				if err != nil {
					return fmt.Errorf("folding %q: %w", batch[i].Sort, err)
				}
			}
		}
	}
	return nil
}

// merge runs the schedule's minute, if one has passed.
func (c *chain) merge(ctx context.Context) error {
	if c.now.Sub(c.merged) < time.Minute {
		return nil
	}
	c.merged = c.now
	_, err := counter.MergeDue(ctx, c.state, c.now)
	return err
}
