package function

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/counter"
	"chatreports/shared/fold"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// Fold takes the journal's stream into facts and counters.
//
// A record that cannot be folded is reported by its sequence number, and the rest
// of the batch is folded all the same. Lambda delivers again from that record on,
// which changes nothing for those already folded, and when its tries are used up
// puts the batch whole into the failure bucket and goes on. When storage fails the
// whole batch is delivered again.
func Fold(d Deps) lambda.Handler {
	folder := fold.New(d.Journal, d.State, time.Now)
	folder.OnMergeError = func(tenant string, err error) {
		d.Log.Error("merging after a batch; the schedule will try again", "tenant", tenant, "error", err)
	}
	return lambda.NewHandler(func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		var items []table.Item
		var sequence []string
		response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		fail := func(sequence string, err error) {
			d.Log.ErrorContext(ctx, "a record cannot be folded", "sequence", sequence, "error", err)
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: sequence})
		}
		for i := range e.Records {
			change := &e.Records[i].Change
			if change.NewImage == nil { // a deletion: nothing to fold
				continue
			}
			item, err := dynamo.FromImage(change.NewImage)
			if err != nil {
				fail(change.SequenceNumber, err)
				continue
			}
			items = append(items, item)
			sequence = append(sequence, change.SequenceNumber)
		}
		failed, err := folder.Apply(ctx, items)
		if err != nil {
			d.Log.ErrorContext(ctx, "folding a batch", "records", len(items), "error", err)
			return response, err
		}
		for i, err := range failed {
			if err != nil {
				fail(sequence[i], err)
			}
		}
		return response, nil
	})
}

// Merge merges the counters' log into blocks, for every tenant where it is time. It
// is called on a schedule; what calls it does not matter.
func Merge(d Deps) lambda.Handler {
	return lambda.NewHandler(func(ctx context.Context, _ json.RawMessage) error {
		oldest, err := counter.MergeDue(ctx, d.State, d.Clock())
		var waits time.Duration
		if !oldest.IsZero() {
			waits = max(0, d.Clock().Sub(oldest))
		}
		d.measured(UnmergedSeconds, "Seconds", waits.Seconds())
		if err != nil {
			d.Log.ErrorContext(ctx, "merging on schedule", "error", err)
		}
		return err
	})
}
