package function

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/job"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/web"
)

// renderReserve is how long before Lambda's deadline a job is given up: the time to remove
// what there is of it, and to say so.
const renderReserve = 20 * time.Second

// Render makes jobs: those that messages of a queue name, and when called by a schedule those
// that were lost or wait. A message whose job is not made is reported, and comes again.
func Render(d Deps, work Making) lambda.Handler {
	worker := &job.Worker{State: d.State, Objects: d.Objects, Now: d.Clock, Make: told(d, work)}
	return web.Punctual{Handler: lambda.NewHandler(func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) > 2*renderReserve {
			early, cancel := context.WithDeadline(ctx, deadline.Add(-renderReserve))
			defer cancel()
			ctx = early
		}
		if len(e.Records) == 0 {
			err := worker.Sweep(ctx)
			if err != nil {
				d.Log.ErrorContext(ctx, "making jobs that were lost", "error", err)
			}
			return response, err
		}
		for i := range e.Records {
			var n job.Name
			err := json.Unmarshal([]byte(e.Records[i].Body), &n)
			if err == nil {
				err = worker.Run(ctx, n)
			}
			if _, waits := errors.AsType[*job.NotYetError](err); waits || err == nil {
				continue // what waits is made by the schedule
			}
			if !errors.Is(err, job.ErrTaken) && !errors.Is(err, context.Canceled) {
				d.Log.ErrorContext(ctx, "making a job", "tenant", n.Tenant, "job", n.ID, "error", err)
			}
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: e.Records[i].MessageId})
		}
		return response, nil
	})}
}

// tellEvery is how often the log tells how far a job is.
const tellEvery = 2 * time.Second

// Making is job.Worker.Make.
type Making = func(ctx context.Context, j *job.Job, w io.Writer, progress func(job.Progress)) (job.Made, error)

// told is a Make that tells the log of what it does.
func told(d Deps, work Making) Making {
	return func(ctx context.Context, j *job.Job, w io.Writer, progress func(job.Progress)) (job.Made, error) {
		log := d.Log.With("tenant", j.Tenant, "job", j.ID, "report", j.Report)
		began := d.Clock()
		last := began
		made, err := work(ctx, j, w, func(p job.Progress) {
			progress(p)
			if now := d.Clock(); now.Sub(last) >= tellEvery {
				last = now
				log.InfoContext(ctx, "a job is being made", "rows", p.Rows, "slices", p.Done, "of", p.Of)
			}
		})
		err = notYet(err)
		if _, waits := errors.AsType[*job.NotYetError](err); waits {
			log.WarnContext(ctx, "a job waits", "asked", j.Asked, "error", err)
		}
		if err == nil {
			log.InfoContext(ctx, "a job is made", "rows", made.Rows, "millis", d.Clock().Sub(began).Milliseconds())
		}
		return made, err
	}
}

// notYet is the error of a job, and says which one has to wait until whoever runs the system has
// done something.
func notYet(err error) error {
	if _, ok := errors.AsType[*measure.VersionError](err); ok {
		return &job.NotYetError{Reason: "What is stored was counted by another version of this system than the one that makes files; whoever runs it finds in its log what to do.", Err: err}
	}
	if errors.Is(err, report.ErrEarlier) {
		return &job.NotYetError{Reason: "The rows cannot be told before whoever runs the system has rebuilt what an earlier version stored; see its log.", Err: err}
	}
	return err
}
