package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra"
	"chatreports/infra/local/policy"
	"chatreports/infra/local/stack"
	"chatreports/shared"
	"chatreports/shared/dashboard"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/docs"
	"chatreports/shared/explain"
	"chatreports/shared/function"
	"chatreports/shared/lookup"
	"chatreports/shared/nowhere"
	"chatreports/shared/render"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook/vendors"
)

// builders are the functions by their folder, as their mains build them.
var builders = map[string]func(function.Deps) lambda.Handler{
	"functions/conversations": conversations,
	"functions/dashboard":     pages,
	"functions/explain":       explained,
	"functions/exports":       exports,
	"functions/extracts":      extracts,
	"functions/fold":          function.Fold,
	"functions/ingest":        function.Ingest,
	"functions/lookup":        look,
	"functions/merge":         function.Merge,
	"functions/render":        renders,
	"functions/report":        report,
	"functions/report-bots":   reportBots,
	"functions/schedule":      delivers,
	"functions/schedules":     schedules,
	"functions/webhook":       webhooks,
}

func explained(d function.Deps) lambda.Handler {
	return function.Report(d, explain.New(d.Journal, d.State, explain.Tables{comm100.Explained, chatbot.Explained, drift.Explained}))
}

func pages(d function.Deps) lambda.Handler {
	faces := &dashboard.Handler{
		Key: tenant.NewKeys(d.State, d.Clock).Lookup, DemoSecret: d.DemoSecret,
		APIs: dashboard.APIs{
			Reports: comm100.New(d.Journal, d.State), Bots: chatbot.New(d.State), Lookup: lookup.New(d.Journal, d.State), Schedules: schedule.NewAPI(d.State),
			Explain: explain.New(d.Journal, d.State, explain.Tables{comm100.Explained, chatbot.Explained}),
		},
		Docs:  docs.New(map[string]fs.FS{"shared": shared.Documents, "infra": infra.Documents}),
		State: d.State, Journal: d.Journal, Visit: d.Reports.Visit, Unanswered: d.Unanswered, Now: d.Now, Clock: d.Clock, Log: d.Log,
	}
	return function.Dashboard(d, faces, nowhere.Handler(faces.OpenAPI()))
}

func conversations(d function.Deps) lambda.Handler {
	return function.Queries(d, drift.New(d.Journal, d.State, time.Now))
}

func exports(d function.Deps) lambda.Handler {
	return function.Exports(d, conversation24.New(d.Journal, d.State))
}

func look(d function.Deps) lambda.Handler { return function.Report(d, lookup.New(d.Journal, d.State)) }

func extracts(d function.Deps) lambda.Handler {
	return function.Extracts(d, freshchat.New(d.State, d.Objects, d.Queue, d.Clock, d.Untold), nowhere.Handler(nil))
}

func renders(d function.Deps) lambda.Handler {
	kinds := map[string]render.Kind{
		freshchat.Kind:      render.Extracts(d.Journal, d.State, freshchat.Reports()),
		conversation24.Kind: render.Exports(conversation24.New(d.Journal, d.State), conversation24.Path),
	}
	return function.Render(d, render.New(d.State, kinds, d.Now).Make)
}

func webhooks(d function.Deps) lambda.Handler { return function.Webhooks(d, vendors.All()) }

func report(d function.Deps) lambda.Handler {
	return function.Report(d, comm100.New(d.Journal, d.State))
}

func reportBots(d function.Deps) lambda.Handler { return function.Report(d, chatbot.New(d.State)) }

func delivers(d function.Deps) lambda.Handler {
	return function.Schedule(d, reports.All(d.State, d.Journal))
}

func schedules(d function.Deps) lambda.Handler {
	return function.Report(d, schedule.NewAPI(d.State))
}

// Function is a function as it is called.
type Function struct {
	stack.Function
	lambda.Handler
	// Guard keeps it to its policy.
	Guard *policy.Guard
	// Build makes another handler of the same.
	Build func() lambda.Handler
}

// Another is the function in a process of its own, as Lambda starts one for each call at once:
// it shares nothing in memory with the others.
func (f *Function) Another() Function {
	other := *f
	other.Handler = f.Build()
	return other
}

// Build builds every function of the template, by logical id, over the tables,
// the bucket and the queue that the template gives it, and with what it allows to be done with
// them. The state's table is handed in as the engine has it. It refuses a template with functions it does not know.
func Build(s stack.Stack, deps function.Deps) (map[string]Function, error) {
	functions := map[string]Function{}
	for _, f := range s.Functions {
		build := builders[f.Code]
		if build == nil {
			return nil, fmt.Errorf("%s has a function %s in %s that the local system does not know", stack.FileName, f.Name, f.Code)
		}
		guard, d := policy.New(&f), deps
		d.Journal, d.State, d.Objects, d.Failures, d.Queue = nil, nil, nil, nil, nil
		if name := f.Tables[function.JournalTable]; name != "" {
			d.Journal = guard.Table(name, deps.Journal)
		}
		if name := f.Tables[function.StateTable]; name != "" {
			d.State = table.Divide(guard.Table(name, deps.State))
		}
		if name := f.Buckets[function.ObjectBucket]; name != "" {
			d.Objects = guard.Objects(name, deps.Objects)
		}
		if name := f.Buckets[function.FailureBucket]; name != "" {
			d.Failures = guard.Objects(name, deps.Failures)
		}
		if name := f.Queues[function.JobQueue]; name != "" {
			d.Queue = guard.Queue(name, deps.Queue)
		}
		again := func() lambda.Handler { return build(d) }
		functions[f.Name] = Function{f, again(), guard, again}
	}
	return functions, nil
}

// Call invokes the function with in as JSON and reads its answer into out, if
// that is not nil.
func (f *Function) Call(ctx context.Context, in, out any) (err error) {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	answer, err := f.Invoke(ctx, payload)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}
