package function

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/counter"
	"chatreports/shared/fold"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/web"
)

// Fold takes the journal's stream into facts and counters.
//
// A record that cannot be folded, whatever storage does, is set aside in the failure bucket
// (see infra/replay), and the rest of the batch is folded all the same. When storage fails,
// the table's or the bucket's, the batch is delivered again, until it is back: no record is
// skipped. What was folded already changes nothing then.
func Fold(d Deps) lambda.Handler {
	folder := fold.New(d.Journal, d.State, time.Now)
	folder.OnMergeError = func(tenant string, err error) {
		d.Log.Error("merging after a batch; the schedule will try again", "tenant", tenant, "error", err)
	}
	return web.Punctual{Handler: lambda.NewHandler(func(ctx context.Context, e events.DynamoDBEvent) error {
		web.Note(ctx, slog.Int("records", len(e.Records)))
		failed, err := apply(ctx, folder, e.Records)
		if err != nil {
			d.Log.ErrorContext(ctx, "folding a batch", "records", len(e.Records), "error", err)
			return err
		}
		for i, cause := range failed {
			record := &e.Records[i]
			d.Log.ErrorContext(ctx, "a record cannot be folded", "sequence", record.Change.SequenceNumber, "error", cause)
			if err := setAside(ctx, d, record, cause); err != nil {
				d.Log.ErrorContext(ctx, "setting a record aside", "sequence", record.Change.SequenceNumber, "error", err)
				return fmt.Errorf("setting a record aside: %w", err)
			}
		}
		if len(failed) > 0 {
			d.measured("records are set aside", nil, ofFunction, figure{SetAside, "Count", float64(len(failed))})
		}
		return nil
	})}
}

// apply folds records, and tells why which of them cannot be, by their places.
func apply(ctx context.Context, folder *fold.Folder, records []events.DynamoDBEventRecord) (failed map[int]error, err error) {
	failed = map[int]error{}
	var items []table.Item
	var places []int
	for i := range records {
		if records[i].EventName == removed { // nothing to fold
			continue
		}
		item, err := dynamo.FromImage(records[i].Change.NewImage)
		if err != nil {
			failed[i] = err
			continue
		}
		items, places = append(items, item), append(places, i)
	}
	bad, err := folder.Apply(ctx, items)
	for i, err := range bad {
		if err != nil {
			failed[places[i]] = err
		}
	}
	return failed, err
}

// Merge merges the counters' log into blocks, for every tenant where it is time. It
// is called on a schedule; what calls it does not matter.
func Merge(d Deps) lambda.Handler {
	return web.Punctual{Handler: lambda.NewHandler(func(ctx context.Context, _ json.RawMessage) error {
		since, err := counter.MergeDue(ctx, d.State, d.Clock())
		var waits time.Duration
		if !since.IsZero() {
			waits = max(0, d.Clock().Sub(since))
		}
		d.measured("looked at what is not merged", nil, ofFunction, figure{UnmergedSeconds, "Seconds", waits.Seconds()})
		if err != nil {
			d.Log.ErrorContext(ctx, "merging on schedule", "error", err)
		}
		return err
	})}
}
