package functions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// A log says which call of which tenant it was, and neither a secret nor what people wrote.
func TestLogsTellWhoCalledAndNoSecretAndNoText(t *testing.T) {
	const text, token = "what-only-the-visitor-knows", "token-of-a-link"
	message := `{"specversion":"1.0","id":"1","source":"s","type":"message.sent","subject":"c","time":"2026-03-02T10:00:00Z",
		"data":{"actor":{"type":"visitor","id":"v"},"text":"` + text + `"}}`
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "FAILURE_BUCKET=the-failures", "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO")
	for _, c := range []struct {
		function string
		call     any
		tenant   bool
	}{
		{"ingest", request("POST", "/v1/events", "", message), true},
		{"ingest", request("POST", "/v1/events", "", strings.Replace(message, "message.sent", text, 1)), true},
		{"ingest", request("POST", "/v1/events", "key="+theKey, message), true},
		{"report", request("GET", "/api/v3/livechat/reports/chatVolume", "timeFrom="+text, ""), true},
		{"conversations", request("POST", "/reports/conversations", "", `{"filters":["`+text+`"]}`), true},
		{"webhook", request("POST", "/v1/webhooks/hook", "token="+theKey, `{"text":"`+text+`"}`), false},
		{"exports", request("GET", "/public/"+token, "", ""), false},
		{"dashboard", request("POST", "/dashboard/sign-in", "", "key="+theKey), false},
	} {
		r := startFunction(t, filepath.Join(programs, c.function), env...)
		var response events.APIGatewayV2HTTPResponse
		r.invoke(c.call, &response)
		if c.tenant && !r.logs(`"tenant":"acme"`) || c.tenant && !r.logs(`"requestId":"call-1"`) {
			t.Errorf("%s: a call that comes to %d is logged without its tenant or its id: %s", c.function, response.StatusCode, r.log())
		}
		r.shut()
		for _, secret := range []string{theKey, text, token} {
			if strings.Contains(r.log(), secret) {
				t.Errorf("%s: a call that comes to %s is logged with %s: %s", c.function, http.StatusText(response.StatusCode), secret, r.log())
			}
		}
	}
	fold := startFunction(t, filepath.Join(programs, "fold"), env...)
	fold.invoke(streamEvent(t, "message.sent"), nil)
	fold.shut()
	if strings.Contains(fold.log(), "Anna Weber") {
		t.Errorf("fold logs who wrote: %s", fold.log())
	}
}

// told is the line that a call leaves.
type told struct {
	Level, Message, RequestID, FunctionName, Route, Tenant, Key, Outcome string
	Status, Milliseconds, AnswerBytes, Records                           int
	Failed                                                               bool
	ReadUnits, WriteUnits, ColdStarts                                    float64
	AWS                                                                  struct {
		CloudWatchMetrics []struct {
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// lines reads what a function logged of its calls.
func lines(t *testing.T, log string) (calls []told) {
	t.Helper()
	for line := range strings.Lines(log) {
		var one told
		if err := json.Unmarshal([]byte(line), &one); err == nil && one.Message == "called" {
			calls = append(calls, one)
		}
	}
	return calls
}

// A call leaves one line: which function and which call it was, who called by which route,
// how it ended, what it consumed of the tables, and whether a process began for it. CloudWatch
// makes metrics of the last three.
func TestEachCallIsToldOnce(t *testing.T) {
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "FAILURE_BUCKET=the-failures", "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO")
	report := request("GET", "/api/v3/livechat/reports/chatVolume", "timeFrom=2026-01-01T00:00:00&timeTo=2026-01-02T00:00:00&timezone=UTC&group=day", "")
	stranger := request("GET", "/api/v3/livechat/reports/chatVolume", "", "")
	delete(stranger.Headers, "authorization")
	r := startFunction(t, filepath.Join(programs, "report"), env...)
	for _, call := range []any{report, report, stranger, "no event"} {
		r.call(call)
	}
	r.shut()
	want := []told{
		{Status: 200, Tenant: "acme", Key: "k", Outcome: "ok", ColdStarts: 1},
		{Status: 200, Tenant: "acme", Key: "k", Outcome: "ok"},
		{Status: 401, Outcome: "missing"},
		{Failed: true},
	}
	got := lines(t, r.log())
	if len(got) != len(want) {
		t.Fatalf("%d calls left %d lines: %s", len(want), len(got), r.log())
	}
	for i, w := range want {
		g := got[i]
		if g.Level != "INFO" || g.FunctionName != "f" || g.RequestID != fmt.Sprint("call-", i+1) || g.Milliseconds < 0 {
			t.Errorf("line %d is %+v", i, g)
		}
		if g.Status != w.Status || g.Tenant != w.Tenant || g.Outcome != w.Outcome || g.ColdStarts != w.ColdStarts || g.Failed != w.Failed || g.Key != w.Key {
			t.Errorf("line %d is %+v, want %+v", i, g, w)
		}
		if g.Route != theRoute && !w.Failed {
			t.Errorf("line %d is of route %q", i, g.Route)
		}
		if g.ReadUnits > 0 != (w.Status == 200) || g.WriteUnits != 0 || g.AnswerBytes == 0 != w.Failed {
			t.Errorf("line %d has %v read units, %v write units and %d bytes", i, g.ReadUnits, g.WriteUnits, g.AnswerBytes)
		}
		if m := g.AWS.CloudWatchMetrics; len(m) != 1 || len(m[0].Metrics) != 3 || len(m[0].Dimensions) != 1 || len(m[0].Dimensions[0]) != 0 || m[0].Metrics[0].Unit != "Count" {
			t.Errorf("line %d has the metrics %+v", i, m)
		}
	}
	fold := startFunction(t, filepath.Join(programs, "fold"), env...)
	fold.call(streamEvent(t, "chat.requested"))
	fold.shut()
	if got := lines(t, fold.log()); len(got) != 1 || got[0].Records != 2 || got[0].ColdStarts != 1 {
		t.Errorf("fold's line is %+v: %s", got, fold.log())
	}
}
