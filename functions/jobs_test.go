package functions

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// ofJobs is what functions of jobs find in their environment beside tables.
func ofJobs(env []string) []string {
	return append(env, "OBJECT_BUCKET=the-bucket", "JOB_QUEUE="+strings.TrimPrefix(env[0], "AWS_ENDPOINT_URL=")+"/the-queue")
}

func TestExtractsTakesJobsAndWritesNothingElse(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "extracts"), ofJobs(emptyDynamoDB(t, calls))...)
	end := time.Now().UTC()
	body := fmt.Sprintf(`{"start":%q,"end":%q,"event":"CSAT-Score"}`, end.AddDate(0, 0, -1).Format(time.DateOnly), end.Format(time.DateOnly))
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v2/reports/raw", body, http.StatusAccepted},
		{"POST", "/reports/raw/", "{}", http.StatusBadRequest},
		{"GET", "/reports/raw/none/", "", http.StatusNotFound},
		{"GET", "/reports/raw", "", http.StatusMethodNotAllowed},
		{"GET", "/reports/else", "", http.StatusNotFound},
	} {
		var response events.APIGatewayV2HTTPResponse
		r.invoke(request(c.method, c.path, "", c.body), &response)
		if response.StatusCode != c.status {
			t.Errorf("%s %s: answer is %d %s, want %d\n%s", c.method, c.path, response.StatusCode, response.Body, c.status, r.log())
		}
	}
	allowed := map[string]bool{"GetItem the-state": true, "BatchGetItem the-state": true, "PutItem the-state": true, "TransactWriteItems the-state": true}
	for call := range touched(calls) {
		if !allowed[call] {
			t.Errorf("it calls %s, which its policy does not allow", call)
		}
	}
}

func TestRenderLooksForLostJobsAndTakesMessages(t *testing.T) {
	calls := make(chan string, 1000)
	r := startFunction(t, filepath.Join(programs, "render"), ofJobs(emptyDynamoDB(t, calls))...)
	r.invoke(map[string]any{"source": "aws.events", "detail-type": "Scheduled Event", "detail": map[string]any{}}, nil)
	if got := touched(calls); len(got) != 1 || !got["Query the-state"] {
		t.Errorf("on its schedule it calls %v", got)
	}
	var response events.SQSEventResponse
	r.invoke(events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "gone", Body: `{"tenant":"acme","id":"none"}`}, {MessageId: "no name", Body: "?"},
	}}, &response)
	if len(response.BatchItemFailures) != 1 || response.BatchItemFailures[0].ItemIdentifier != "no name" {
		t.Errorf("failures are %+v\n%s", response.BatchItemFailures, r.log())
	}
}
