// Package function builds the Lambda functions out of the chain. In: the tables
// and a clock. Out: one lambda.Handler per function, the same on AWS and in the
// local system. It knows no vendor's report, and no storage engine but DynamoDB.
package function

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

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
	// Metrics takes a line for each call, and figures that alarms watch; nil: nobody does.
	Metrics io.Writer
	// Objects are files, Queue is that of jobs.
	Objects object.Store
	Queue   job.Queue
	// Patience is how long an export is told, or waited for, in one call; 0 is 20 s.
	Patience time.Duration
	// Failures is where fold sets aside what it cannot fold.
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

// Main runs a function on Lambda, where each process is one: it gathers what the function
// needs, builds it and serves its calls, and does not return.
func Main(build func(Deps) lambda.Handler, needs ...Need) {
	d := Deps{Now: time.Now, Clock: time.Now, Log: lambdacontext.NewLogger(), Metrics: os.Stdout, Reports: admission.New(ReportLimits)}
	for _, need := range needs {
		if err := need(context.Background(), &d); err != nil {
			d.Log.Error("starting", "error", err)
			os.Exit(1) //nolint:forbidigo // this is main, of every function
		}
	}
	lambda.Start(&observed{Handler: build(d), deps: d})
}

// Need puts something that a function works on into its Deps: what the environment names.
// Each function names its own, so that none carries an engine that it does not use.
type Need func(context.Context, *Deps) error

// Environment variables that name what there is to work on; template.yaml sets them.
const (
	JournalTable  = "JOURNAL_TABLE"
	StateTable    = "STATE_TABLE"
	ObjectBucket  = "OBJECT_BUCKET"
	FailureBucket = "FAILURE_BUCKET"
	JobQueue      = "JOB_QUEUE"
)

// Journal is the need of the events' table in DynamoDB.
func Journal(_ context.Context, d *Deps) (err error) {
	d.Journal, err = named(JournalTable)
	return err
}

// State is the need of the table of what follows from events, and of tenants.
func State(_ context.Context, d *Deps) error {
	t, err := named(StateTable)
	if err != nil {
		return err
	}
	d.State = table.Divide(t)
	return nil
}

// named is the table that a variable of the environment names.
func named(variable string) (table.Table, error) {
	name := os.Getenv(variable)
	if name == "" {
		return nil, fmt.Errorf("the environment does not name a table in %s", variable)
	}
	client, err := connected()
	if err != nil {
		return nil, fmt.Errorf("connecting to DynamoDB: %w", err)
	}
	return dynamo.New(client, name), nil
}

// connected is the client of both tables.
var connected = sync.OnceValues(func() (*dynamodb.Client, error) { return dynamo.Client(context.Background()) })

// Open makes an engine of what the environment names.
type Open[T any] = func(ctx context.Context, name string) (T, error)

// Objects is the need of the bucket of files.
func Objects[S object.Store](open Open[S]) Need {
	return func(ctx context.Context, d *Deps) (err error) {
		d.Objects, err = open(ctx, os.Getenv(ObjectBucket))
		return err
	}
}

// Failures is the need of the bucket of what cannot be folded.
func Failures[S object.Store](open Open[S]) Need {
	return func(ctx context.Context, d *Deps) (err error) {
		d.Failures, err = open(ctx, os.Getenv(FailureBucket))
		return err
	}
}

// Jobs is the need of the queue of jobs.
func Jobs[Q job.Queue](open Open[Q]) Need {
	return func(ctx context.Context, d *Deps) (err error) {
		d.Queue, err = open(ctx, os.Getenv(JobQueue))
		return err
	}
}

// Untold logs that nobody was told of a job.
func (d *Deps) Untold(err error) {
	d.Log.Error("nobody was told of a job, which is made when lost ones are looked for", "error", err)
}
