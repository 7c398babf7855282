package functions

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// calls are an event for each function, by its folder.
func calls(t *testing.T) map[string]any {
	t.Helper()
	scheduled := map[string]any{"source": "aws.events", "detail-type": "Scheduled Event", "detail": map[string]any{}}
	known := map[string]any{
		"conversations": request("POST", "/reports/conversations", "", "{}"),
		"dashboard":     request("GET", "/healthz", "", ""),
		"explain":       request("GET", "/v1/measures", "", ""),
		"exports":       request("GET", "/v1/exports/agents", "", ""),
		"extracts":      request("GET", "/reports/raw/x", "", ""),
		"fold":          streamEvent(t, "chat.requested"),
		"ingest":        request("POST", "/v1/events", "", sample(t, "chat.requested")),
		"lookup":        request("GET", "/v1/directory/agents", "", ""),
		"merge":         scheduled,
		"render":        scheduled,
		"report":        request("GET", "/api/v3/livechat/reports/realtime/rightNow", "", ""),
		"report-bots":   request("GET", "/reports/interactions", "", ""),
		"schedule":      scheduled,
		"schedules":     request("GET", "/v1/schedules", "", ""),
		"webhook":       request("POST", "/v1/webhooks/x", "", "{}"),
	}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && folder.Name() != "testdata" && known[folder.Name()] == nil {
			t.Fatalf("nobody here knows how %s is called", folder.Name())
		}
	}
	return known
}

// outcome is what a call comes to, as far as it is the same each time.
func outcome(b back) string {
	if b.failed {
		return "failed"
	}
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal([]byte(b.body), &response); err != nil || response.StatusCode == 0 {
		return "done"
	}
	return fmt.Sprint(response.StatusCode)
}

// Every program keeps to Lambda's contract: a call comes to the same in a process that has
// just begun, in one that has served another, and in several at once; an event that is none
// is an error, or answered as what little it says, and the next call is served; and the end is told by a signal.
func TestEveryFunctionKeepsToLambdasContract(t *testing.T) {
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "FAILURE_BUCKET=the-failures", "AWS_LAMBDA_LOG_FORMAT=JSON")
	for name, call := range calls(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var outcomes [3][2]string
			var wg sync.WaitGroup
			processes := make([]*runtime, len(outcomes))
			for i := range processes {
				processes[i] = startFunction(t, filepath.Join(programs, name), env...)
			}
			for i, r := range processes {
				wg.Go(func() {
					for j := range outcomes[i] {
						outcomes[i][j] = outcome(r.call(call))
					}
				})
			}
			wg.Wait()
			want := outcomes[0][0]
			if want == "failed" || strings.HasPrefix(want, "5") {
				t.Errorf("it comes to %s\n%s", want, processes[0].log())
			}
			for _, process := range outcomes {
				for _, got := range process {
					if got != want {
						t.Errorf("calls come to %v", outcomes)
					}
				}
			}
			r := processes[0]
			for _, malformed := range []json.RawMessage{[]byte(`"text"`), []byte(`[1]`), []byte(`{"Records":[{"dynamodb":1}]}`), []byte(`{"rawPath":"%zz%","requestContext":{"http":{"method":"?"}}}`)} {
				if got := r.call(malformed); strings.HasPrefix(outcome(got), "5") {
					t.Errorf("%s comes to %s", malformed, got.body)
				}
			}
			if got := outcome(r.call(call)); got != want {
				t.Errorf("after malformed events it comes to %s, before to %s\n%s", got, want, r.log())
			}
			r.shut()
		})
	}
}

// What a function does before its first call, in bytes that packages of ours allocate: what
// is not needed by each call is made when it is needed. The processor time until then is told
// with -v, as a ratio to that of a function that does nothing, and to that of one that makes a
// client of DynamoDB.
func TestFunctionsBeginWithLittle(t *testing.T) {
	const most = 250 << 10
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "FAILURE_BUCKET=the-failures")
	bare, client := float64(beginning(t, "bare", nil)), float64(beginning(t, "client", env))
	t.Logf("a client of DynamoDB alone: %.2f times the processor time of a bare function", client/bare)
	for name := range calls(t) {
		r := startFunction(t, filepath.Join(programs, name), append(env, "GODEBUG=inittrace=1")...)
		r.awaited()
		r.shut()
		ours := 0
		for line := range strings.SplitSeq(r.log(), "\n") {
			var of string
			var at, took float64
			var bytes, allocations int
			if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &of, &at, &took, &bytes, &allocations); n == 5 && strings.HasPrefix(of, "chatreports/") {
				ours += bytes
			}
		}
		if ours == 0 || ours > most {
			t.Errorf("%s: packages of ours allocate %d bytes before the first call, and %d are plenty", name, ours, most)
		}
		took := float64(beginning(t, name, env))
		t.Logf("%-14s %6d bytes, %.2f times the processor time of a bare function, %.2f times that of a client", name, ours, took/bare, took/client)
	}
}

// beginning is the processor time that a process takes until it asks for its first event: the
// least of some.
func beginning(t *testing.T, name string, env []string) time.Duration {
	t.Helper()
	least := time.Hour
	for range 7 {
		r := startFunction(t, filepath.Join(programs, name), env...)
		r.awaited()
		state := r.shut()
		least = min(least, state.UserTime()+state.SystemTime())
	}
	return least
}
