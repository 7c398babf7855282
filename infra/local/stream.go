package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
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
// changes to a function, in order, at least once, in batches; it tries failed ones
// again from the first failed record on, halves them where the template says so,
// and puts what keeps failing, whole, into the failure directory.
type pump struct {
	stack.Stream
	feed     embedded.FeedTable
	function gateway.Function
	failures string // directory
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

// deliver brings a batch through: folded, or kept as a failure. An error means
// that neither came to pass and that it will be delivered again.
func (p *pump) deliver(ctx context.Context, batch []table.Change) error {
	delay := firstRetry
	for tries := 0; ; tries++ {
		failed, err := p.invoke(ctx, batch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && failed > 0 {
			if err := p.acknowledge(ctx, batch[:failed]); err != nil {
				return err
			}
			batch, tries = batch[failed:], 0
		}
		switch {
		case err == nil && len(batch) == 0:
			return nil
		case err != nil && p.Bisect && len(batch) > 1:
			half := len(batch) / 2
			if err := p.deliver(ctx, batch[:half]); err != nil {
				return err
			}
			return p.deliver(ctx, batch[half:])
		case p.Retries >= 0 && tries >= p.Retries:
			if err := p.keep(batch, tries+1, err); err != nil {
				return err
			}
			return p.acknowledge(ctx, batch)
		}
		wait(ctx, delay)
		delay = min(2*delay, lastRetry)
	}
}

// invoke calls the function and tells how many records of the batch are done: all,
// or those before the first that it reports as failed.
func (p *pump) invoke(ctx context.Context, batch []table.Change) (done int, err error) {
	var answer events.DynamoDBEventResponse
	if err := p.function.Call(ctx, p.event(batch), &answer); err != nil {
		return 0, err
	}
	if !p.PartialFailures || len(answer.BatchItemFailures) == 0 {
		return len(batch), nil
	}
	places := make(map[string]int, len(batch))
	for i := range batch {
		places[batch[i].Sequence] = i
	}
	done = len(batch)
	for _, f := range answer.BatchItemFailures {
		place, ok := places[f.ItemIdentifier]
		if !ok { // as Lambda does: a name it does not know fails the batch
			return 0, fmt.Errorf("the function reports %q as failed, which is not in the batch", f.ItemIdentifier)
		}
		done = min(done, place)
	}
	return done, nil
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

// keep writes records that could not be folded into the failure directory, in the
// shape in which Lambda puts them into a bucket.
func (p *pump) keep(batch []table.Change, tries int, cause error) error {
	if !p.FailuresKept {
		return errors.New("a batch keeps failing, and the template has no destination for it")
	}
	payload, err := json.Marshal(p.event(batch))
	if err != nil {
		return err
	}
	first, last := batch[0], batch[len(batch)-1]
	record := map[string]any{
		"requestContext": map[string]any{"functionArn": p.function.Name, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": tries},
		"version":        "1.0", "timestamp": time.Now().UTC(),
		"DDBStreamBatchInfo": map[string]any{
			"shardId": first.Shard, "startSequenceNumber": first.Sequence, "endSequenceNumber": last.Sequence, "batchSize": len(batch),
		},
		"payload": string(payload),
	}
	if cause != nil {
		record["responseContext"] = map[string]any{"functionError": cause.Error()}
	}
	raw, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.failures, 0o700); err != nil {
		return err
	}
	path := filepath.Join(p.failures, fmt.Sprintf("%s-%s.json", first.Shard, first.Sequence))
	p.log.Error("records could not be folded and were kept", "records", len(batch), "file", path, "cause", cause)
	return writeFile(path, raw)
}

// writeFile writes a file that is there whole, and on disk, or not at all.
func writeFile(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone if all went well
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
