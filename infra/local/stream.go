package main

import (
	"context"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// Waits between tries of a batch that failed.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// lookForShards is how often new shards of a stream are looked for.
const lookForShards = 5 * time.Second

// feed is the changes of a table, and when to look for more of them.
type feed interface {
	table.Feed
	Changed() <-chan struct{}
}

// pump stands where Lambda's event source mapping does: it delivers a table's
// changes to a function, each shard's in order, at least once, in batches, until the
// function takes them or the template has them given up.
type pump struct {
	stack.Stream
	feed     feed
	function gateway.Function
	failures object.Store // of what is given up; nil: it is dropped
	log      *slog.Logger
	// draining is closed when batches are no longer waited for to fill.
	draining chan struct{}
}

// run delivers until ctx ends or, once draining, until nothing is left.
func (p *pump) run(ctx context.Context) {
	working := map[string]context.CancelFunc{}
	defer func() {
		for _, end := range working {
			end()
		}
	}()
	var workers sync.WaitGroup
	defer workers.Wait()
	for {
		shards, err := p.feed.Shards(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Error("looking for the shards of changes", "table", p.Table, "error", err)
			}
			shards = nil
		}
		for shard, end := range working {
			if err == nil && !slices.Contains(shards, shard) { // all of it was delivered
				end()
				delete(working, shard)
			}
		}
		for _, shard := range shards {
			if working[shard] == nil {
				own, end := context.WithCancel(ctx)
				working[shard] = end
				workers.Go(func() { p.shard(own, shard) })
			}
		}
		select {
		case <-p.draining:
			return
		case <-ctx.Done():
			return
		case <-time.After(lookForShards):
		}
	}
}

// shard delivers the changes of one shard, to functions of its own.
func (p *pump) shard(ctx context.Context, shard string) {
	functions := make([]gateway.Function, max(1, p.Parallel))
	for i := range functions {
		functions[i] = p.function.Another()
	}
	for ctx.Err() == nil {
		delivered, err := p.once(ctx, shard, functions)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Error("delivering changes", "table", p.Table, "shard", shard, "error", err)
			}
			wait(ctx, lastRetry)
			continue
		}
		if delivered {
			continue
		}
		select {
		case <-p.draining:
			return
		case <-p.feed.Changed():
		case <-ctx.Done():
		}
	}
}

// once delivers what has come of a shard: a batch to each function, of the partitions that are
// its own.
func (p *pump) once(ctx context.Context, shard string, functions []gateway.Function) (delivered bool, err error) {
	most := p.BatchSize * len(functions)
	changes, err := p.feed.Next(ctx, shard, most)
	if err != nil || len(changes) == 0 {
		return false, err
	}
	if len(changes) < p.BatchSize && p.Window > 0 {
		p.fill(ctx, shard)
		if changes, err = p.feed.Next(ctx, shard, most); err != nil || len(changes) == 0 {
			return false, err
		}
	}
	parts := make([][]table.Change, len(functions))
	for _, c := range changes {
		h := fnv.New32a()
		_, _ = h.Write([]byte(c.Item.Part))
		at := int(h.Sum32() % uint32(len(parts)))
		parts[at] = append(parts[at], c)
	}
	g, each := errgroup.WithContext(ctx)
	for i, part := range parts {
		g.Go(func() error {
			for batch := range slices.Chunk(part, p.BatchSize) {
				if err := p.deliver(each, &functions[i], batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	return true, p.feed.Acknowledge(ctx, shard, changes[len(changes)-1].Sequence)
}

// fill waits until a batch is full or its window is over.
func (p *pump) fill(ctx context.Context, shard string) {
	over := time.After(p.Window)
	for {
		select {
		case <-p.feed.Changed():
			if changes, err := p.feed.Next(ctx, shard, p.BatchSize); err != nil || len(changes) >= p.BatchSize {
				return
			}
		case <-over:
			return
		case <-p.draining:
			return
		case <-ctx.Done():
			return
		}
	}
}

// deliver brings a batch through, or gives it up as the template says. An error means that it
// will be delivered again.
func (p *pump) deliver(ctx context.Context, f *gateway.Function, batch []table.Change) error {
	delay := firstRetry
	for tries := 1; len(batch) > 0; tries++ {
		if old := p.tooOld(batch); old > 0 {
			if err := p.giveUp(ctx, f, batch[:old], tooOld, tries-1); err != nil {
				return err
			}
			batch = batch[old:]
			continue
		}
		var answer events.DynamoDBEventResponse
		err := f.Call(ctx, p.event(batch), &answer)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		left := p.left(batch, &answer)
		switch {
		case err == nil && len(left) == 0:
			return nil
		case err == nil && len(left) < len(batch): // what is before it was taken
			batch = left
		}
		switch {
		case p.Bisect && len(batch) > 1:
			half := len(batch) / 2
			if err := p.deliver(ctx, f, batch[:half]); err != nil {
				return err
			}
			batch, tries = batch[half:], 0
			continue
		case p.Retries >= 0 && tries > p.Retries:
			return p.giveUp(ctx, f, batch, exhausted, tries)
		}
		wait(ctx, delay)
		delay = min(2*delay, lastRetry)
	}
	return nil
}

// left is what a function that was called without an error says it did not take: all from the
// first change on that it names, or all, if it names what is not there.
func (p *pump) left(batch []table.Change, answer *events.DynamoDBEventResponse) []table.Change {
	if !p.Partial || len(answer.BatchItemFailures) == 0 {
		return nil
	}
	first := len(batch)
	for _, failed := range answer.BatchItemFailures {
		at := slices.IndexFunc(batch, func(c table.Change) bool { return c.Sequence == failed.ItemIdentifier })
		first = min(first, max(at, 0))
	}
	return batch[first:]
}

func (p *pump) event(batch []table.Change) events.DynamoDBEvent {
	e := events.DynamoDBEvent{Records: make([]events.DynamoDBEventRecord, len(batch))}
	for i := range batch {
		image := dynamo.ToImage(batch[i].Item)
		keys := dynamo.ToImage(table.Item{Key: batch[i].Item.Key})
		e.Records[i] = events.DynamoDBEventRecord{
			AWSRegion: "local", EventID: batch[i].Shard + "-" + batch[i].Sequence, EventName: "INSERT",
			EventSource: "aws:dynamodb", EventVersion: "1.1", EventSourceArn: p.arn(),
			Change: events.DynamoDBStreamRecord{
				ApproximateCreationDateTime: events.SecondsEpochTime{Time: written(&batch[i])},
				Keys:                        map[string]events.DynamoDBAttributeValue{"pk": keys["pk"], "sk": keys["sk"]},
				NewImage:                    image, SequenceNumber: batch[i].Sequence,
				SizeBytes: int64(batch[i].Item.Size()), StreamViewType: "NEW_IMAGE",
			},
		}
	}
	return e
}

func (p *pump) arn() string {
	return "arn:aws:dynamodb:local:000000000000:table/" + p.Table + "/stream/local"
}

// written is when a change was made, or now, where the engine does not say.
func written(c *table.Change) time.Time {
	if c.At.IsZero() {
		return time.Now()
	}
	return c.At
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
