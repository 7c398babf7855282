package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/verify"
)

// upTo is the first part of it.
func (w *workload) upTo(share float64) *workload {
	some := *w
	some.batches = w.batches[:int(share*float64(len(w.batches)))]
	some.hooks = w.hooks[:int(share*float64(len(w.hooks)))]
	return &some
}

// Servers that throttle, are silent, lose answers, answer in part, are in each other's way and
// tell their streams again, and a process that is killed, change no answer: every event counts
// once.
func TestNothingIsLostOrDoubledWhenServersFail(t *testing.T) {
	args := onTestServers(t)
	w := newWorkload(t, 0.04)
	tenants := absolute(t, endToEndTenants)
	want := w.embedded(t, tenants)

	dynamoFaults, s3Faults := newFaults(t, os.Getenv(dynamoVariable), throttled), newFaults(t, os.Getenv(s3Variable), "SlowDown")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamoFaults.url)
	t.Setenv("AWS_ENDPOINT_URL_S3", s3Faults.url)
	run := func() *process {
		return start(t, append(args, "--tenants", tenants, "--fold-parallelism", "4")...)
	}
	p := run()
	w.upTo(0.2).send(&remote{t: t, url: p.url})
	dynamoFaults.outage(5 * time.Second) // with changes on their way
	s3Faults.outage(5 * time.Second)
	w.upTo(0.5).send(&remote{t: t, url: p.url})
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err == nil {
		t.Error("it was killed, and ended well")
	}
	p = run()
	w.sameAt(&remote{t: t, url: p.url}, want)
	dynamoFaults.tell(t, "DynamoDB", throttled, internal, conflict, cancelled+" TransactionConflict", cancelled+" ThrottlingError", expired,
		answerLost, noAnswer, "batch answered in part", "records repeated", "outage")
	s3Faults.tell(t, "S3", "S3's answer lost", "InternalError", "SlowDown")

	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", os.Getenv(dynamoVariable))
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored, state := dynamo.New(client, args[3]+"-JournalTable"), table.Divide(dynamo.New(client, args[3]+"-StateTable"))
	found := map[string]int{}
	for item, err := range stored.Scan(t.Context(), "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		if e, err := journal.Decode(item); err == nil {
			found[e.Event.Source+" "+e.Event.ID]++
		}
	}
	lost, doubled := 0, 0
	for _, id := range w.ids() {
		if found[id] == 0 {
			lost++
		} else if found[id] > 1 {
			doubled++
		}
	}
	t.Logf("%d events: lost %d, doubled %d", len(w.ids()), lost, doubled)
	if lost+doubled > 0 {
		t.Errorf("%d events are lost and %d doubled", lost, doubled)
	}
	served, _, err := counter.Served(t.Context(), state, "acme", &measure.Current)
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), stored, served, verify.Options{Tenant: "acme", Wait: time.Second})
	if err != nil || len(report.Differences) > 0 || report.Facts == 0 {
		t.Errorf("verify: %+v, %v", report, err)
	}
}

// However many answers to single writes get lost, a batch of events gets through when it is
// sent once, and each event is told rightly: new, or known.
func TestABatchGetsThroughWhenAnswersAreLost(t *testing.T) {
	args := onTestServers(t)
	dynamoFaults := newFaults(t, os.Getenv(dynamoVariable), throttled)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamoFaults.url)
	p := start(t, append(args, "--tenants", tenantsAt(t, tenantsFile))...)
	dynamoFaults.lose("PutItem", 10)

	const batch = 150
	body := func(from int) string {
		var all strings.Builder
		for i := range batch {
			fmt.Fprintf(&all, `{"specversion":"1.0","id":"%[1]d","source":"t","type":"chat.requested","subject":"c%[1]d","time":"2026-03-01T12:00:00Z","data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}}`+"\n", from+i)
		}
		return all.String()
	}
	for i := range 6 { // each half of it known
		from := i * batch / 2
		fresh := batch / 2
		if i == 0 {
			fresh = batch
		}
		for _, want := range []string{fmt.Sprintf(`{"accepted":%d,"duplicates":%d,"refused":[]}`, fresh, batch-fresh), fmt.Sprintf(`{"accepted":0,"duplicates":%d,"refused":[]}`, batch)} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/events", strings.NewReader(body(from)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer feed-key")
			r.Header.Set("Content-Type", "application/x-ndjson")
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || response.StatusCode != http.StatusAccepted || strings.TrimSpace(string(answer)) != want {
				t.Errorf("batch %d: %d %s, %v; want %s", i, response.StatusCode, answer, err, want)
			}
		}
	}
	dynamoFaults.tell(t, "DynamoDB", answerLost)
}
