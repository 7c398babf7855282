package main

import (
	"context"
	"fmt"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// door lets an event in, or refuses it.
func door(raw []byte) (event.Event, *event.Refusal) {
	e, _, refusal := event.Parse(raw, peak.Add(24*time.Hour))
	return e, refusal
}

// accepted are the events of a crowd that were let in. They are made again: a large crowd's
// do not fit into the memory that a function has.
func (what *crowd) accepted(n int) (events []event.Event) {
	for raw := range what.sent(n) {
		if e, refusal := door(raw); refusal == nil {
			events = append(events, e)
		}
	}
	return events
}

// parse takes an event in; the clock is where the last one is.
func (c *crowded) parse(raw []byte) (event.Event, bool) {
	e, refusal := door(raw)
	if refusal != nil {
		c.set(func(r *crowding) { r.Events++; r.Refused[refusal.Code+" "+refusal.Field]++ })
		return event.Event{}, false
	}
	c.set(func(r *crowding) { r.Events++ })
	c.now.Store(max(c.now.Load(), e.At))
	return e, true
}

// append stores what the crowd sent, and the small tenant's chat if a second has passed.
func (c *crowded) append(ctx context.Context, batch []event.Event, always bool) error {
	if err := c.store(ctx, acme.ID, batch); err != nil {
		return err
	}
	if !always && time.Since(c.lastOne) < time.Second {
		return nil
	}
	c.lastOne = time.Now()
	c.chats++
	id := chatID(c.chats)
	at := c.clock().Format(time.RFC3339Nano)
	var chat []event.Event
	for i, what := range []string{
		`"type":"chat.requested","data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}`,
		`"type":"chat.accepted","data":{"agentId":"a"}`,
	} {
		e, _, refusal := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"%s-%d","source":"small","subject":%q,"time":%q,%s}`, id, i, id, at, what), c.clock())
		if refusal != nil {
			return refusal
		}
		chat = append(chat, e)
	}
	c.ofSmall = append(c.ofSmall, chat...)
	return c.store(ctx, small.ID, chat)
}

func (c *crowded) store(ctx context.Context, who string, events []event.Event) error {
	var items []table.Item
	if _, err := journal.New(tap{c.counters.journal, &items}).Append(ctx, who, events, time.Now()); err != nil {
		return err
	}
	for _, item := range items {
		c.stream = append(c.stream, arrival{item, who == small.ID, time.Now(), cpuTime(), c.folds})
	}
	return nil
}

// foldStream delivers what is on the stream, as Lambda does: a batch that fails is
// tried again, then halved, and a record that still fails is given up.
func (c *crowded) foldStream(ctx context.Context) error {
	for len(c.stream) > 0 {
		n := min(len(c.stream), streamBatch)
		if err := c.deliver(ctx, c.stream[:n]); err != nil {
			return err
		}
		c.stream = c.stream[n:]
	}
	return nil
}

const deliveries = 3

func (c *crowded) deliver(ctx context.Context, batch []arrival) error {
	for try := 1; ; try++ {
		left, err := c.apply(ctx, batch)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(left) == 0:
			return nil
		case try < deliveries:
			batch = left
		case err != nil && len(left) > 1:
			if err := c.deliver(ctx, left[:len(left)/2]); err != nil {
				return err
			}
			return c.deliver(ctx, left[len(left)/2:])
		default:
			c.set(func(r *crowding) {
				if r.Lost += len(left); r.Lost == len(left) {
					r.Wrong = append(r.Wrong, fmt.Sprintf("records given up: %v", err))
				}
			})
			return nil
		}
	}
}

// apply folds a batch once; left are the records that are to be delivered again.
func (c *crowded) apply(ctx context.Context, batch []arrival) (left []arrival, err error) {
	items := make([]table.Item, len(batch))
	for i := range batch {
		items[i] = batch[i].item
	}
	cpu := cpuTime()
	failed, err := c.folder.Apply(ctx, items)
	cpu = cpuTime() - cpu
	c.folds++
	if err != nil {
		left = batch
	}
	for i := range batch {
		if err == nil && failed[i] != nil {
			left = append(left, batch[i])
		}
	}
	for i, f := range failed {
		if err == nil && f != nil {
			return left, fmt.Errorf("%s: %w", items[i].Part, f)
		}
	}
	c.set(func(r *crowding) {
		if r.CPU += cpu; err != nil {
			return
		}
		for i := range batch {
			if batch[i].small {
				r.Wait, r.WaitCPU = max(r.Wait, time.Since(batch[i].at)), max(r.WaitCPU, cpuTime()-batch[i].cpu)
				r.WaitFolds = max(r.WaitFolds, c.folds-batch[i].folds)
			} else {
				r.Folded++
			}
		}
	})
	return left, err
}
