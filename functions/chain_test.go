package functions

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/dynamo/stream"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

// serverVariable names the DynamoDB server that the chain is run against.
const serverVariable = "CHATREPORTS_DYNAMODB"

// TestAnEventGoesThroughTheWholeChain: a key is looked up, an event stored, the
// stream folded and a report read, by the compiled functions on a DynamoDB server.
func TestAnEventGoesThroughTheWholeChain(t *testing.T) {
	url := os.Getenv(serverVariable)
	if url == "" {
		t.Skipf("needs a server: start one (dynoxide serve --port 8002) and set %s=http://127.0.0.1:8002", serverVariable)
	}
	stamp := time.Now().UnixNano()
	journal, state := fmt.Sprintf("journal-%x", stamp), fmt.Sprintf("state-%x", stamp)
	settings := map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_LOG_FORMAT": "JSON",
		"JOURNAL_TABLE": journal, "STATE_TABLE": state, "FAILURE_BUCKET": "none",
	}
	var env []string
	for name, value := range settings {
		t.Setenv(name, value)
		env = append(env, name+"="+value)
	}
	ctx := t.Context()
	client, err := dynamo.Client(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, stream := range map[string]bool{journal: true, state: false} {
		if err := dynamo.Create(ctx, client, name, stream); err != nil {
			t.Fatal(err)
		}
	}
	file, err := tenantfile.Parse([]byte("tenants:\n  - id: acme\n    keys: [{id: k, secret: " + theKey + ", scopes: [events:write, reports:read]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Apply(ctx, dynamo.New(client, state), file); err != nil {
		t.Fatal(err)
	}

	const chat = `{"specversion":"1.0","id":"1","source":"s","type":"chat.requested","subject":"c","time":"2026-03-02T10:00:00Z","data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}}`
	ingest := startFunction(t, filepath.Join(programs, "ingest"), env...)
	for _, want := range []string{`"accepted":1,"duplicates":0`, `"accepted":0,"duplicates":1`} {
		var response events.APIGatewayV2HTTPResponse
		ingest.invoke(request("POST", "/v1/events", "", chat), &response)
		if response.StatusCode != http.StatusAccepted || !strings.Contains(response.Body, want) {
			t.Fatalf("ingest answers %d %s, want %s", response.StatusCode, response.Body, want)
		}
	}

	fold := startFunction(t, filepath.Join(programs, "fold"), env...)
	for range 2 { // delivered twice, counted once
		fold.invoke(streamOf(t, journal), nil)
	}
	if log := fold.log(); strings.Contains(log, `"level":"ERROR"`) {
		t.Fatalf("fold fails\n%s", log)
	}
	startFunction(t, filepath.Join(programs, "merge"), env...).invoke(map[string]any{}, nil)

	var response events.APIGatewayV2HTTPResponse
	startFunction(t, filepath.Join(programs, "report"), env...).invoke(
		request("GET", "/api/v3/livechat/reports/chatVolume", "timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00&group=day", ""), &response)
	if response.StatusCode != http.StatusOK || !strings.Contains(response.Body, `"chatRequests":1`) {
		t.Errorf("the report is %d %s", response.StatusCode, response.Body)
	}
}

// streamOf reads all that a table's stream holds.
func streamOf(t *testing.T, name string) events.DynamoDBEvent {
	t.Helper()
	tables, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	streams, err := stream.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	feed := stream.New(tables, streams, name, nil)
	shards, err := feed.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var e events.DynamoDBEvent
	for _, shard := range shards {
		changes, err := feed.Next(t.Context(), shard, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			e.Records = append(e.Records, events.DynamoDBEventRecord{
				EventName: "INSERT", Change: events.DynamoDBStreamRecord{NewImage: dynamo.ToImage(c.Item), SequenceNumber: c.Sequence},
			})
		}
	}
	if len(e.Records) == 0 {
		t.Fatal("the stream is empty")
	}
	return e
}
