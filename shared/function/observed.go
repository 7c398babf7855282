package function

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/table"
	"chatreports/shared/web"
)

// Metrics of all calls, beside those that Lambda has (duration, errors, throttles): what it
// consumed of the tables, in DynamoDB's units, and whether a process began for it (1 or 0).
const (
	ReadUnits  = "ReadUnits"
	WriteUnits = "WriteUnits"
	ColdStarts = "ColdStarts"
)

// observed is a function that tells of each call once it is over: who called, by which route,
// how it ended, how long it took and what it consumed.
type observed struct {
	lambda.Handler
	deps Deps
	warm atomic.Bool
}

// Invoke implements lambda.Handler. On Lambda a process has one call at a time, and so what its
// tables have consumed meanwhile is the call's.
func (o *observed) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, noted := web.WithNotes(ctx)
	before, began, cold := o.consumed(), time.Now(), 0.0
	if !o.warm.Swap(true) {
		cold = 1
	}
	answer, err := o.Handler.Invoke(ctx, payload)
	after := o.consumed()
	said := append(noted(), slog.Int64("milliseconds", time.Since(began).Milliseconds()), slog.Int("answerBytes", len(answer)), slog.Bool("failed", err != nil))
	if call, ok := lambdacontext.FromContext(ctx); ok {
		said = append(said, slog.String("requestId", call.AwsRequestID))
	}
	o.deps.measured("called", said, ofAll,
		figure{ReadUnits, "Count", after.ReadUnits - before.ReadUnits},
		figure{WriteUnits, "Count", after.WriteUnits - before.WriteUnits},
		figure{ColdStarts, "Count", cold})
	return answer, err
}

// consumed is what the tables have consumed so far.
func (o *observed) consumed() (sum table.Usage) {
	for _, t := range []table.Table{o.deps.Journal, o.deps.State} {
		if meter, ok := t.(interface{ Usage() table.Usage }); ok {
			u := meter.Usage()
			sum.ReadUnits, sum.WriteUnits = sum.ReadUnits+u.ReadUnits, sum.WriteUnits+u.WriteUnits
		}
	}
	return sum
}
