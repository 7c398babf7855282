package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	samples "chatreports/events"
	"chatreports/infra/local/gateway"
	"chatreports/infra/local/policy"
	"chatreports/infra/local/stack"
	"chatreports/shared/admission"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

// tour is every function of the template, and what they work on.
type tour struct {
	t         *testing.T
	functions map[string]gateway.Function
	journal   embedded.FeedTable
	queue     *waiting
}

// waiting keeps the jobs that functions were told of.
type waiting struct{ names []job.Name }

func (q *waiting) Send(_ context.Context, n job.Name) error {
	q.names = append(q.names, n)
	return nil
}

const file = `tenants:
  - id: acme
    keys: [{id: all, secret: a-secret-of-all, scopes: [events:write, reports:read, exports:write]}]
    webhooks: [{id: hook, provider: drift, token: drift-token}]
    schedules: [{id: often, report: comm100/chatVolume, rate: 5 minutes, parameters: {group: hour}}]
`

func newTour(t *testing.T) *tour {
	t.Helper()
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	files, err := directory.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	tenants, err := tenantfile.Parse([]byte(file))
	if err == nil {
		err = tenant.Apply(t.Context(), db.Table("state"), tenants)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := &tour{t: t, journal: db.FeedTable("journal"), queue: &waiting{}}
	r.functions, err = gateway.Build(description, function.Deps{
		Journal: r.journal, State: db.Table("state"), Now: time.Now, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: io.Discard,
		Objects: files, Failures: files, Queue: r.queue, Reports: admission.New(function.ReportLimits),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// call calls a function, which has to do without an error.
func (r *tour) call(name string, in, out any) {
	r.t.Helper()
	f := r.functions[name]
	if err := f.Call(r.t.Context(), in, out); err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
}

// ask sends a request to a function, and gives the body of an answer of that status.
func (r *tour) ask(name, method, target, body string, want int) string {
	r.t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		r.t.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: u.Path, RawQueryString: u.RawQuery, Body: body,
		Headers: map[string]string{"content-type": "application/json", "authorization": "Bearer a-secret-of-all", "host": "api.example", "x-forwarded-proto": "https"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.DomainName = method, u.Path, "api.example"
	var response events.APIGatewayV2HTTPResponse
	r.call(name, e, &response)
	if response.StatusCode != want {
		r.t.Errorf("%s: %s %s: %d %s", name, method, target, response.StatusCode, response.Body)
	}
	return response.Body
}

// fold delivers all that was stored, and a record that is none.
func (r *tour) fold() {
	r.t.Helper()
	broken := table.Item{Key: table.Key{Part: "no", Sort: "event"}, Version: 1}
	for _, shard := range must(r.journal.Shards(r.t.Context()))(r.t) {
		for {
			changes := must(r.journal.Next(r.t.Context(), shard, 500))(r.t)
			if len(changes) == 0 {
				break
			}
			var e events.DynamoDBEvent
			for _, c := range append(changes, table.Change{Sequence: "broken", Item: broken}) {
				e.Records = append(e.Records, events.DynamoDBEventRecord{
					EventName: "INSERT", Change: events.DynamoDBStreamRecord{NewImage: dynamo.ToImage(c.Item), SequenceNumber: c.Sequence},
				})
			}
			r.call("FoldFunction", e, nil)
			if err := r.journal.Acknowledge(r.t.Context(), shard, changes[len(changes)-1].Sequence); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Everything that functions do is allowed, and what is allowed is done.
func TestPoliciesAllowWhatIsDoneAndNothingElse(t *testing.T) {
	r := newTour(t)
	irc := strings.Split(strings.TrimSpace(string(must(samples.Files.ReadFile("ubuntu-irc/events.ndjson"))(t))), "\n")
	for range 2 { // known events are looked up
		for batch := range slices.Chunk(irc, 500) {
			r.ask("IngestFunction", "POST", "/v1/events", "["+strings.Join(batch, ",")+"]", 202)
		}
	}
	r.ask("IngestFunction", "POST", "/v1/events", "[{}]", 400) // what was wrong is counted
	r.fold()
	scheduled := map[string]any{"source": "aws.events"}
	r.call("MergeFunction", scheduled, nil)
	const window = "?timeFrom=2007-01-01T00:00:00&timeTo=2008-01-01T00:00:00&group=month"
	for name, report := range map[string]string{
		"Chats": "chatVolume", "Queue": "waitTime", "Agents": "efficiency", "Satisfaction": "rating", "Conversions": "conversions",
	} {
		r.ask("Report"+name+"Function", "GET", "/api/v3/livechat/reports/"+report+window, "", 200)
	}
	r.ask("ReportRealtimeFunction", "GET", "/api/v3/livechat/reports/realtime/rightNow", "", 200)
	r.ask("ReportBotsFunction", "GET", "/reports/interactions", "", 200)
	r.ask("ConversationsFunction", "POST", "/reports/conversations", `{"filters":[{"property":"status","operation":"EQ","values":["closed"]}],"metrics":["timeToCloseMillis"]}`, 200)
	r.ask("ExplainFunction", "GET", "/v1/rows?report=chatVolume&measure=chats&timeFrom=2007-01-01T00:00:00&timeTo=2007-02-01T00:00:00&group=month", "", 200)
	r.ask("LookupFunction", "GET", "/v1/directory/agents", "", 200)
	r.ask("LookupFunction", "GET", "/v1/chats/none", "", 404)
	r.ask("DashboardFunction", "POST", "/dashboard/sign-in", "key=none", 401)
	for range 2 {
		r.ask("WebhookFunction", "POST", "/v1/webhooks/hook", string(must(os.ReadFile("../../../events/webhooks/drift/message.json"))(t)), 200)
	}
	r.ask("ExportsFunction", "GET", "/v1/exports/agents", "", 200)
	r.ask("ExportsFunction", "GET", "/v1/exports/conversations?from=2007-01-01&to=2007-01-31", "", 200)
	var link struct{ ID string }
	if err := json.Unmarshal([]byte(r.ask("ExportsFunction", "POST", "/v1/exports/agents/links", "{}", 201)), &link); err != nil {
		t.Fatal(err)
	}
	r.ask("ExportsFunction", "DELETE", "/v1/exports/links/"+link.ID, "", 204)
	today := time.Now().UTC()
	r.ask("ExtractsFunction", "POST", "/v2/reports/raw", `{"start":"`+today.AddDate(0, 0, -1).Format(time.DateOnly)+`","end":"`+today.Format(time.DateOnly)+`","event":"CSAT-Score"}`, 202)
	r.ask("ExtractsFunction", "GET", "/v2/reports/raw/"+r.queue.names[0].ID, "", 200)
	r.call("RenderFunction", events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(must(json.Marshal(r.queue.names[0]))(t))}}}, nil)
	r.ask("ExtractsFunction", "GET", "/v2/reports/raw/"+r.queue.names[0].ID, "", 200)
	r.call("RenderFunction", scheduled, nil)
	r.call("ScheduleFunction", scheduled, nil)
	r.ask("SchedulesFunction", "GET", "/v1/schedules", "", 200)
	for name, f := range r.functions {
		for _, right := range f.Guard.Unused() {
			if !slices.Contains(elsewhere[name], right) {
				t.Errorf("%s may do what it never does here: %s", name, right)
			}
		}
	}
}

const readJournal = "read JournalTable"

// elsewhere are rights that a tour this short has no use for: they are needed when something
// comes out of order, is taken back, is very long or fails, and tests of those say so.
var elsewhere = map[string][]string{
	// Out of order: entities are folded again; checked: an agent's first retraction; deleted: an
	// agent's day, and runs of what is open. Lambda lists before it puts batches into the bucket.
	"FoldFunction": {
		readJournal, "dynamodb:ConditionCheckItem StateTable", "dynamodb:DeleteItem StateTable", "s3:ListBucket FailureBucket",
	},
	// Mostly the fold has merged before it is called.
	"MergeFunction": {"dynamodb:PutItem StateTable", "dynamodb:DeleteItem StateTable"},
	// Rows of chats; what is given up, or was left by a worker that died, is removed.
	"RenderFunction": {
		readJournal, "s3:DeleteObject ObjectBucket/jobs/*", "s3:ListBucket ObjectBucket", "s3:ListBucketMultipartUploads ObjectBucket",
	},
	"ScheduleFunction": {
		readJournal, "s3:DeleteObject ObjectBucket/schedules/*", "s3:ListBucket ObjectBucket", "s3:ListBucketMultipartUploads ObjectBucket",
		"dynamodb:DeleteItem StateTable */schedule */delivered/* */part/*",
	},
	// A link to a file that is ready; an export of more than 6 MB, and one of more than 20 seconds, which a job makes.
	"ExtractsFunction": {"s3:GetObject ObjectBucket/jobs/*"},
	"ExportsFunction": {
		"s3:PutObject ObjectBucket/exports/*", "s3:GetObject ObjectBucket/exports/*", "s3:AbortMultipartUpload ObjectBucket/exports/*",
		"dynamodb:PutItem StateTable */job jobs", "sqs:SendMessage JobQueue", "s3:GetObject ObjectBucket/jobs/*",
	},
	// Names: the journal says which of several that were given on one day is the newest.
	"ReportChatsFunction": {readJournal}, "ReportQueueFunction": {readJournal}, "ReportAgentsFunction": {readJournal},
	"ReportSatisfactionFunction": {readJournal}, "ReportConversionsFunction": {readJournal}, "ReportRealtimeFunction": {readJournal},
	"ExplainFunction": {readJournal}, "ConversationsFunction": {readJournal},
	// Pages for those who signed in.
	"DashboardFunction": {readJournal, "read StateTable"},
}

// What a policy does not allow fails, with where it would have to stand.
func TestWhatAPolicyDoesNotAllowFails(t *testing.T) {
	db := must(embedded.Open(t.TempDir(), embedded.NoSync))(t)
	defer db.Close()
	files := must(directory.Open(t.TempDir(), time.Now))(t)
	guard := policy.New(&stack.Function{Name: "F", Policy: []stack.Statement{
		{Actions: []string{"dynamodb:GetItem"}, Resources: []stack.Resource{{Name: "T"}}, LeadingKeys: []string{"*/rate", "tenants"}},
		{Actions: []string{"s3:PutObject"}, Resources: []stack.Resource{{Name: "B", Path: "/jobs/*"}}},
	}})
	things, bucket := guard.Table("T", db.Table("t")), guard.Objects("B", files)
	get := func(parts ...string) error {
		var keys []table.Key
		for _, p := range parts {
			keys = append(keys, table.Key{Part: p, Sort: "-"})
		}
		_, err := things.Get(t.Context(), keys...)
		return err
	}
	create := func(key string) error {
		return object.Put(t.Context(), bucket, key, func(io.Writer) error { return nil })
	}
	for name, c := range map[string]struct {
		err     error
		allowed bool
	}{
		"a partition that is named":   {get("tenants"), true},
		"one that is like a pattern":  {get("acme/rate"), true},
		"another":                     {get("acme/log"), false},
		"two, which is another call":  {get("tenants", "acme/rate"), false},
		"a write":                     {things.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: "tenants", Sort: "-"}, Version: 1}}), false},
		"an object under the prefix":  {create("jobs/a/b"), true},
		"an object elsewhere":         {create("exports/a"), false},
		"a deletion under the prefix": {bucket.Delete(t.Context(), "jobs/a/b"), false},
		"a table of another name": {func() error {
			_, err := guard.Table("U", db.Table("u")).Get(t.Context(), table.Key{Part: "tenants", Sort: "-"})
			return err
		}(), false},
	} {
		if (c.err == nil) != c.allowed || c.err != nil && !errors.Is(c.err, policy.ErrDenied) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if got := guard.Unused(); got != nil {
		t.Errorf("unused are %q, and all were used", got)
	}
}
