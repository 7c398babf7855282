package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"chatreports/infra/local/gateway"
	"chatreports/shared/object"
	"chatreports/shared/table"
)

// Why Lambda gives changes up.
const (
	exhausted = "RetryAttemptsExhausted"
	tooOld    = "RecordAgeExceeded"
)

// tooOld is how many of the first changes are older than the template has them delivered.
func (p *pump) tooOld(batch []table.Change) (n int) {
	for p.Age > 0 && n < len(batch) && time.Since(written(&batch[n])) > p.Age {
		n++
	}
	return n
}

// giveUp puts changes that a function did not take into the bucket for that, in the form that
// Lambda gives them: infra/replay sends them again. Without a bucket they are dropped.
func (p *pump) giveUp(ctx context.Context, f *gateway.Function, batch []table.Change, why string, tries int) error {
	p.log.Error("changes are given up", "function", f.Name, "table", p.Table, "changes", len(batch), "why", why, "calls", tries)
	if p.failures == nil {
		return nil
	}
	payload, err := json.Marshal(p.event(batch))
	if err != nil {
		return err
	}
	type dict = map[string]any
	first, last, now, id := &batch[0], &batch[len(batch)-1], time.Now().UTC(), rand.Text()
	raw, err := json.Marshal(dict{
		"requestContext": dict{
			"requestId": id, "functionArn": "arn:aws:lambda:local:000000000000:function:" + f.Name,
			"condition": why, "approximateInvokeCount": tries,
		},
		"responseContext": dict{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"version":         "1.0", "timestamp": now,
		"DDBStreamBatchInfo": dict{
			"shardId": first.Shard, "startSequenceNumber": first.Sequence, "endSequenceNumber": last.Sequence,
			"approximateArrivalOfFirstRecord": written(first).UTC(), "approximateArrivalOfLastRecord": written(last).UTC(),
			"batchSize": len(batch), "streamArn": p.arn(),
		},
		"payload": string(payload),
	})
	if err != nil {
		return err
	}
	key := fmt.Sprintf("aws/lambda/%s/%s/%s-%s", f.Name, first.Shard, now.Format("2006/01/02/2006-01-02T15.04.05"), id)
	return object.Put(ctx, p.failures, key, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}
