package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
)

// Waits between tries of a batch that failed.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// pump stands where Lambda's event source mapping does: it delivers a table's
// changes to a function, in order, at least once, in batches, until the function takes
// them; batches that failed it halves where the template says so.
type pump struct {
	stack.Stream
	feed     embedded.FeedTable
	function gateway.Function
	log      *slog.Logger
	// draining is closed when batches are no longer waited for to fill.
	draining chan struct{}
}

// run delivers until ctx ends or, once draining, until nothing is left.
func (p *pump) run(ctx context.Context) {
	for ctx.Err() == nil {
		shards, err := p.feed.Shards(ctx)
		idle := true
		for _, shard := range shards {
			var delivered bool
			if delivered, err = p.once(ctx, shard); err != nil {
				break
			}
			idle = idle && !delivered
		}
		if err != nil && ctx.Err() == nil {
			p.log.Error("delivering changes", "table", p.Table, "error", err)
			wait(ctx, lastRetry)
			continue
		}
		if !idle {
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

// once delivers one batch of a shard.
func (p *pump) once(ctx context.Context, shard string) (delivered bool, err error) {
	changes, err := p.feed.Next(ctx, shard, p.BatchSize)
	if err != nil || len(changes) == 0 {
		return false, err
	}
	if len(changes) < p.BatchSize && p.Window > 0 {
		p.fill(ctx, shard)
		if changes, err = p.feed.Next(ctx, shard, p.BatchSize); err != nil {
			return false, err
		}
	}
	return true, p.deliver(ctx, changes)
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

// deliver brings a batch through. An error means that it will be delivered again.
func (p *pump) deliver(ctx context.Context, batch []table.Change) error {
	for delay := firstRetry; ; delay = min(2*delay, lastRetry) {
		err := p.function.Call(ctx, p.event(batch), nil)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return p.acknowledge(ctx, batch)
		case p.Bisect && len(batch) > 1:
			half := len(batch) / 2
			if err := p.deliver(ctx, batch[:half]); err != nil {
				return err
			}
			return p.deliver(ctx, batch[half:])
		}
		wait(ctx, delay)
	}
}

func (p *pump) event(batch []table.Change) events.DynamoDBEvent {
	e := events.DynamoDBEvent{Records: make([]events.DynamoDBEventRecord, len(batch))}
	for i := range batch {
		image := dynamo.ToImage(batch[i].Item)
		keys := dynamo.ToImage(table.Item{Key: batch[i].Item.Key})
		e.Records[i] = events.DynamoDBEventRecord{
			AWSRegion: "local", EventID: batch[i].Shard + "-" + batch[i].Sequence, EventName: "INSERT",
			EventSource: "aws:dynamodb", EventVersion: "1.1",
			EventSourceArn: "arn:aws:dynamodb:local:000000000000:table/" + p.Table + "/stream/local",
			Change: events.DynamoDBStreamRecord{
				ApproximateCreationDateTime: events.SecondsEpochTime{Time: time.Now()},
				Keys:                        map[string]events.DynamoDBAttributeValue{"pk": keys["pk"], "sk": keys["sk"]},
				NewImage:                    image, SequenceNumber: batch[i].Sequence,
				SizeBytes: int64(batch[i].Item.Size()), StreamViewType: "NEW_IMAGE",
			},
		}
	}
	return e
}

func (p *pump) acknowledge(ctx context.Context, batch []table.Change) error {
	last := batch[len(batch)-1]
	return p.feed.Acknowledge(ctx, last.Shard, last.Sequence)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
