// Package function builds the Lambda functions out of the chain. In: the tables
// and a clock. Out: one lambda.Handler per function, the same on AWS and in the
// local system. It knows no vendor's report and no storage engine but for FromEnv.
package function

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"chatreports/shared/admission"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// Deps is what functions are built of.
type Deps struct {
	Journal, State table.Table
	// Now is the clock of the business: it bounds events and is the present of the
	// realtime reports. It may stand still. What is stored is stamped by the real one.
	Now func() time.Time
	// Clock is the real one, of jobs, links and limits: it never stands still.
	Clock func() time.Time
	Log   *slog.Logger
	// Metrics takes figures that alarms watch, a line each; nil: nobody does.
	Metrics io.Writer
	// Objects and Queue are those of jobs. FromEnv leaves them out: a function that has them
	// chooses the engines, so that no other carries them.
	Objects object.Store
	Queue   job.Queue
	// Failures is where fold sets aside what it cannot fold; left out by FromEnv likewise.
	Failures object.Store
	// DemoSecret is the key with which the dashboard opens by itself; empty but on a laptop.
	DemoSecret string
	// Reports is the gate in front of all reports of the process.
	Reports *admission.Gate
}

// ReportLimits is what reports may weigh: about how many bytes of memory they use up,
// most of which they do not hold all the time (report.Cost). On Lambda a process answers
// one request at a time, and only One plays a part.
var ReportLimits = admission.Limits{One: 4 << 30, Share: 192 << 20, All: 384 << 20, Wait: 5 * time.Second}

// Environment variables that name the tables; template.yaml sets them.
const (
	JournalTable = "JOURNAL_TABLE"
	StateTable   = "STATE_TABLE"
)

// Environment variables that name the bucket of jobs' objects and their queue, and the
// bucket of what cannot be folded.
const (
	ObjectBucket  = "OBJECT_BUCKET"
	JobQueue      = "JOB_QUEUE"
	FailureBucket = "FAILURE_BUCKET"
)

// FromEnv builds on the DynamoDB tables that the variables name; a function that
// works on one table asks for one, and has no other.
func FromEnv(ctx context.Context, variables ...string) (Deps, error) {
	d := Deps{Now: time.Now, Clock: time.Now, Log: lambdacontext.NewLogger(), Metrics: os.Stdout, Reports: admission.New(ReportLimits)}
	if len(variables) == 0 {
		return d, nil
	}
	client, err := dynamo.Client(ctx)
	if err != nil {
		return Deps{}, fmt.Errorf("connecting to DynamoDB: %w", err)
	}
	for _, v := range variables {
		name := os.Getenv(v)
		if name == "" {
			return Deps{}, fmt.Errorf("the environment does not name a table in %s", v)
		}
		switch v {
		case JournalTable:
			d.Journal = dynamo.New(client, name)
		case StateTable:
			d.State = table.Divide(dynamo.New(client, name))
		}
	}
	return d, nil
}

// Untold logs that nobody was told of a job.
func (d *Deps) Untold(err error) {
	d.Log.Error("nobody was told of a job, which is made when lost ones are looked for", "error", err)
}
