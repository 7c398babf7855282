// Package functions holds no code of its own, only the test that every function's
// compiled program speaks Lambda's Runtime API and does what its main says.
package functions

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	samples "chatreports/events"
	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// programs are the compiled functions, by folder name.
var programs string

func TestMain(m *testing.M) {
	code := 1
	func() {
		dir, err := os.MkdirTemp("", "functions")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		defer func() { _ = os.RemoveAll(dir) }()
		programs = dir
		if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", dir, "./...", "./testdata/bare", "./testdata/client").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
			return
		}
		code = m.Run()
	}()
	os.Exit(code)
}

// theKey is the secret of a key that may do all, of the one tenant that there is.
const theKey = "the-key"

// keys are the records of the tenant and of its key, by partition, as DynamoDB writes them.
func keys(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := db.Table("state")
	if err := tenant.Put(t.Context(), state, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
		Keys:   []tenant.Key{{ID: "k", Secret: theKey, Scopes: tenant.Scopes()}},
	}); err != nil {
		t.Fatal(err)
	}
	records := map[string]json.RawMessage{}
	for item, err := range state.Scan(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if records[item.Part], err = json.Marshal(dynamo.ToImage(item)); err != nil {
			t.Fatal(err)
		}
	}
	return records
}

// emptyDynamoDB answers every call as a server without any item would, but for a tenant and
// its key, and takes every write. It notes what was called on which table, but for the reads
// that look up the key.
func emptyDynamoDB(t *testing.T, calls chan<- string) (env []string) {
	t.Helper()
	records := keys(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		var one struct {
			TableName string
			Key       struct{ Pk struct{ S string } }
		}
		if err := json.Unmarshal(raw, &one); err == nil && operation == "GetItem" && one.TableName == "the-state" && records[one.Key.Pk.S] != nil {
			_, _ = fmt.Fprintf(w, `{"Item":%s}`, records[one.Key.Pk.S])
			return
		}
		if operation == "" {
			operation = r.Method
		}
		for _, name := range []string{"the-journal", "the-state", "/the-failures/"} {
			if strings.Contains(string(raw)+r.URL.Path, name) {
				name = strings.Trim(name, "/")
				select {
				case calls <- operation + " " + name:
				default:
				}
			}
		}
		body := "{}"
		switch operation {
		case "Query":
			body = `{"Items":[],"Count":0,"ScannedCount":0,"ConsumedCapacity":{"CapacityUnits":0.5}}`
		case "BatchGetItem":
			body = `{"Responses":{},"UnprocessedKeys":{}}`
		case "PutItem":
			body = `{"ConsumedCapacity":{"CapacityUnits":1}}`
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return []string{
		"AWS_ENDPOINT_URL=" + server.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s",
		"JOURNAL_TABLE=the-journal", "STATE_TABLE=the-state",
	}
}

// theRoute is what a request came by: no path is in the log, for there may be a secret in it.
const theRoute = "GET /a/{route}"

// request is what API Gateway makes of a request by somebody who may do all.
func request(method, path, query, body string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, RawQueryString: query, Body: body,
		Headers: map[string]string{"content-type": "application/json", "authorization": "Bearer " + theKey},
	}
	e.RouteKey = theRoute
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.DomainName = method, path, "api.example"
	return e
}

// sample reads events/samples/NAME.json.
func sample(t *testing.T, name string) string {
	t.Helper()
	raw, err := samples.Files.ReadFile("samples/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// touched lists what was called on which table, each once.
func touched(calls <-chan string) map[string]bool {
	out := map[string]bool{}
	for {
		select {
		case c := <-calls:
			out[c] = true
		default:
			return out
		}
	}
}

func TestIngestPutsEventsIntoTheJournalAndDoesNothingElse(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "ingest"), emptyDynamoDB(t, calls)...)
	for _, c := range []struct {
		body   string
		status int
	}{
		{sample(t, "chat.requested"), http.StatusAccepted},
		{sample(t, "batch"), http.StatusAccepted},
		{strings.Replace(sample(t, "chat.requested"), `"chat.requested"`, `"chat.nothing"`, 1), http.StatusBadRequest},
	} {
		var response events.APIGatewayV2HTTPResponse
		r.invoke(request("POST", "/v1/events", "", c.body), &response)
		if response.StatusCode != c.status || !strings.HasPrefix(response.Body, `{"accepted":`) {
			t.Errorf("answer is %d %s, want %d\n%s", response.StatusCode, response.Body, c.status, r.log())
		}
	}
	allowed := map[string]bool{"PutItem the-journal": true, "GetItem the-journal": true, "BatchGetItem the-journal": true, "Query the-journal": true}
	allowed["PutItem the-state"] = true // what was wrong with events
	for call := range touched(calls) {
		if !allowed[call] {
			t.Errorf("it calls %s, which its policy does not allow", call)
		}
	}
}

// streamEvent is what the journal's stream says of a sample.
func streamEvent(t *testing.T, name string) events.DynamoDBEvent {
	t.Helper()
	e, _, refusal := event.Parse([]byte(sample(t, name)), time.Now().AddDate(100, 0, 0))
	if refusal != nil {
		t.Fatal(refusal)
	}
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	feed := db.FeedTable("journal")
	if _, err := journal.New(feed).Append(t.Context(), "acme", []event.Event{e}, time.Now()); err != nil {
		t.Fatal(err)
	}
	changes, err := feed.Next(t.Context(), "0", 1)
	if err != nil || len(changes) != 1 {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	var out events.DynamoDBEvent
	for i, item := range []table.Item{changes[0].Item, {Key: table.Key{Part: "no", Sort: "event"}, Version: 1}} {
		out.Records = append(out.Records, events.DynamoDBEventRecord{
			EventName: "INSERT", Change: events.DynamoDBStreamRecord{NewImage: dynamo.ToImage(item), SequenceNumber: fmt.Sprint("s", i)},
		})
	}
	return out
}

func TestFoldFoldsAndSetsAsideWhatItCannotFold(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "fold"), append(emptyDynamoDB(t, calls), "FAILURE_BUCKET=the-failures")...)
	r.invoke(streamEvent(t, "chat.requested"), nil)
	got := touched(calls)
	if !got["TransactWriteItems the-state"] {
		t.Error("the event beside it was not committed")
	}
	if !got["PUT the-failures"] {
		t.Errorf("it was not set aside: %v\n%s", got, r.log())
	}
	if !r.logs(`"RecordsSetAside":1`) {
		t.Errorf("it does not tell: %s", r.log())
	}
}

func TestNobodyIsLetInByAHeaderThatIsNoKey(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "ingest"), emptyDynamoDB(t, calls)...)
	for header, want := range map[string]string{
		"": "missing", "Bearer nobody": "unknown", "Digest x": "malformed", "nobody": "malformed", "Bearer ": "malformed", "Basic x": "malformed",
		"Basic eDpub2JvZHk=": "malformed", "Bearer " + theKey: "",
	} {
		e := request("POST", "/v1/events", "", sample(t, "chat.requested"))
		e.Headers["authorization"] = header
		var response events.APIGatewayV2HTTPResponse
		r.invoke(e, &response)
		if want == "" && response.StatusCode != http.StatusAccepted || want != "" && (response.StatusCode != http.StatusUnauthorized || !strings.Contains(response.Body, `"key_`+want+`"`)) {
			t.Errorf("%q: answer is %d %s, want %s", header, response.StatusCode, response.Body, want)
		}
	}
}

func TestMergeRunsOnItsSchedule(t *testing.T) {
	r := startFunction(t, filepath.Join(programs, "merge"), emptyDynamoDB(t, nil)...)
	r.invoke(map[string]any{"source": "aws.events", "detail-type": "Scheduled Event", "detail": map[string]any{}}, nil)
}

func TestScheduleRunsOnItsSchedule(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "schedule"), append(emptyDynamoDB(t, calls), "OBJECT_BUCKET=the-bucket")...)
	r.invoke(map[string]any{"source": "aws.events", "detail-type": "Scheduled Event", "detail": map[string]any{}}, nil)
	if got := touched(calls); len(got) != 1 || !got["Query the-state"] {
		t.Errorf("without a tenant it calls %v", got)
	}
}

func TestWhatNeedsNoKeyTouchesNoTable(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "dashboard"), emptyDynamoDB(t, calls)...)
	for path, want := range map[string]int{"/": 200, "/dashboard/agents": 200, "/dashboard/assets/style.css": 200, "/healthz": 200, "/openapi.json": 200, "/docs": 200, "/docs/events": 200, "/docs/nowhere": 404, "/nowhere": 404, "//healthz": 404, "/v1//events": 404, "/x/../healthz": 404} {
		var response events.APIGatewayV2HTTPResponse
		r.invoke(request("GET", path, "", ""), &response)
		if response.StatusCode != want {
			t.Errorf("%s answers %d %s, want %d", path, response.StatusCode, response.Body, want)
		}
	}
	if got := touched(calls); len(got) > 0 {
		t.Errorf("without a key it calls %v", got)
	}
}

func TestReportsAnswer(t *testing.T) {
	const comm100, day = "/api/v3/livechat/reports/", "timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00&group=day"
	for _, question := range [][3]string{
		{"report", comm100 + "chatVolume", day},
		{"report", comm100 + "waitTime", day},
		{"report", comm100 + "efficiency", day},
		{"report", comm100 + "rating", day},
		{"report", comm100 + "conversions", day},
		{"report", comm100 + "realtime/rightNow", ""},
		{"report-bots", "/reports/conversations", "group=source&dimension=month"},
		{"report-bots", "/reports/interactions", ""},
		{"explain", "/v1/measures", ""},
		{"schedules", "/v1/schedules", ""},
	} {
		t.Run(question[1], func(t *testing.T) {
			calls := make(chan string, 1000)
			r := startFunction(t, filepath.Join(programs, question[0]), emptyDynamoDB(t, calls)...)
			var response events.APIGatewayV2HTTPResponse
			r.invoke(request("GET", question[1], question[2], ""), &response)
			if response.StatusCode != 200 || !json.Valid([]byte(response.Body)) {
				t.Errorf("answer is %d %s\n%s", response.StatusCode, response.Body, r.log())
			}
			for call := range touched(calls) {
				switch call {
				case "GetItem the-state", "BatchGetItem the-state", "Query the-state":
				default:
					t.Errorf("it calls %s, which its policy does not allow", call)
				}
			}
		})
	}
}

func TestExportsReadBothTablesAndWriteLinksOnly(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "exports"), ofJobs(emptyDynamoDB(t, calls))...)
	read := map[string]bool{}
	for _, table := range []string{"the-journal", "the-state"} {
		for _, operation := range []string{"GetItem", "BatchGetItem", "Query"} {
			read[operation+" "+table] = true
		}
	}
	for _, c := range []struct {
		method, path string
		status       int
		writes       string
	}{
		{"GET", "/v1/exports/agents", 200, ""},
		{"GET", "/v1/exports/agent-performance", 200, ""},
		{"GET", "/v1/exports/conversations", 200, ""},
		{"GET", "/v1/exports/traffic", 200, ""},
		{"GET", "/v1/exports/links", 200, ""},
		{"POST", "/v1/exports/agents/links", 201, "TransactWriteItems the-state"},
		{"DELETE", "/v1/exports/links/x", 404, ""},
		{"GET", "/public/x", 404, ""},
	} {
		var response events.APIGatewayV2HTTPResponse
		r.invoke(request(c.method, c.path, "", ""), &response)
		if response.StatusCode != c.status {
			t.Errorf("%s %s: answer is %d %s\n%s", c.method, c.path, response.StatusCode, response.Body, r.log())
		}
		wrote := false
		for call := range touched(calls) {
			if wrote = wrote || call == c.writes; call != c.writes && !read[call] {
				t.Errorf("%s %s: it calls %s", c.method, c.path, call)
			}
		}
		if wrote != (c.writes != "") {
			t.Errorf("%s %s: it wrote: %v", c.method, c.path, wrote)
		}
	}
}

func TestAFunctionWithoutItsTableSaysSo(t *testing.T) {
	out, err := exec.Command(filepath.Join(programs, "merge")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "STATE_TABLE") {
		t.Errorf("it ends with %v and says %s", err, out)
	}
}
