package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// Servers of the protocols, and the URL of a deployed stack that has the tenants of
// testdata/endtoend.yaml.
const (
	dynamoVariable = "CHATREPORTS_DYNAMODB"
	s3Variable     = "CHATREPORTS_S3"
	stackVariable  = "CHATREPORTS_STACK"
)

const (
	endToEndTenants = "testdata/endtoend.yaml"
	feedKey         = "end-to-end-feed-key"
	askKey          = "end-to-end-ask-key"
)

// The same events in, by every way and in any order, give the same answers on embedded
// storage, on servers of AWS's protocols and from a deployed stack. It all goes over HTTP.
func TestTheSystemAnswersTheSameWhereverItRuns(t *testing.T) {
	w := newWorkload(t, 0.02)
	tenants := absolute(t, endToEndTenants)
	var want map[string]string
	if !t.Run("embedded", func(t *testing.T) { want = w.embedded(t, tenants) }) {
		return
	}
	t.Run("on servers", func(t *testing.T) {
		p := start(t, append(onTestServers(t), "--tenants", tenants, "--fold-parallelism", "4")...)
		w.sameAt(&remote{t: t, url: p.url}, want)
	})
	t.Run("deployed", func(t *testing.T) {
		url := os.Getenv(stackVariable)
		if url == "" {
			t.Skipf("needs a deployed stack: see infra/runbook/EMULATORS.md, and set %s to its URL", stackVariable)
		}
		w.sameAt(&remote{t: t, url: url}, want)
	})
}

// embedded are the answers on embedded storage.
func (w *workload) embedded(t *testing.T, tenants string) map[string]string {
	t.Helper()
	p := start(t, "--data", t.TempDir(), "--demo=false", "--tenants", tenants)
	r := &remote{t: t, url: p.url}
	w.send(r)
	return w.settled(r)
}

// absolute is where a file is for processes that begin elsewhere.
func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// onTestServers has the process that is started next use the servers that tests are given, or
// skips. What it makes there has a name of its own.
func onTestServers(t *testing.T) (args []string) {
	t.Helper()
	if os.Getenv(dynamoVariable) == "" || os.Getenv(s3Variable) == "" {
		t.Skipf("needs servers: start them (dynoxide serve --port 8002; ROOT_ACCESS_KEY=test ROOT_SECRET_KEY=testtest versitygw --port 127.0.0.1:7070 posix DIR) and set %s=http://127.0.0.1:8002 %s=http://127.0.0.1:7070", dynamoVariable, s3Variable)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": os.Getenv(dynamoVariable), "AWS_ENDPOINT_URL_S3": os.Getenv(s3Variable), "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "testtest", "AWS_SESSION_TOKEN": "",
	} {
		t.Setenv(name, value)
	}
	return []string{"--engine", "aws", "--stack", fmt.Sprintf("test-%x", time.Now().UnixNano())}
}

// workload is a day of a contact centre, and what it must come to.
type workload struct {
	day       time.Time       // its midnight
	batches   [][]event.Event // as they are sent
	hooks     [][]byte        // events that come by a webhook
	events    []event.Event
	requested int // chats
}

// ids are those of all events, with their sources.
func (w *workload) ids() (all []string) {
	for i := range w.events {
		all = append(all, w.events[i].Source+" "+w.events[i].ID)
	}
	return all
}

// newWorkload has a simulated day, of three days ago, in any order; some of it twice; some by
// webhooks; and a rating that is taken back.
func newWorkload(t *testing.T, scale float64) *workload {
	t.Helper()
	w := &workload{day: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3)}
	events := slices.Collect(sim.New(sim.Config{Seed: 3, Start: w.day, End: w.day.Add(20 * time.Hour), Scale: scale, Agents: 5, RoundTheClock: true, Source: "e2e"}).Events())
	own, err := payload.As(tenant.Standard)
	if err != nil {
		t.Fatal(err)
	}
	add := func(after time.Duration, subject, text string) {
		raw := fmt.Sprintf(`{"specversion":"1.0","source":"e2e","subject":%q,"time":%q,%s}`, subject, w.day.Add(after).Format(time.RFC3339), text)
		e, _, refusal := event.Parse([]byte(raw), time.Now())
		if refusal != nil {
			t.Fatal(refusal)
		}
		events = append(events, e)
	}
	for i, text := range []string{
		`"id":"wrong-1","type":"chat.requested","data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}`,
		`"id":"wrong-2","type":"chat.accepted","data":{"agentId":"1"}`,
		`"id":"wrong-3","type":"chat.rated","data":{"score":1}`,
		`"id":"wrong-4","type":"event.retracted","data":{"type":"chat.rated","id":"wrong-3"}`,
		`"id":"wrong-5","type":"chat.rated","data":{"score":5}`,
	} {
		add(9*time.Hour+time.Duration(i)*time.Second, "4711", text)
	}
	// What is open would go on until now, which is another time for each system.
	add(20*time.Hour, "815", `"id":"close-815","type":"chat.closed","data":{"by":"auto"}`)
	for i := range events {
		switch e := &events[i]; e.Type {
		case "chat.requested":
			add(20*time.Hour, e.Subject, `"id":"close-`+e.Subject+`","type":"chat.closed","data":{"by":"auto"}`)
		case "agent.updated":
			add(20*time.Hour, e.Subject, `"id":"off-`+e.Subject+`","type":"agent.status_changed","data":{"status":"offline"}`)
		}
	}
	r := rand.New(rand.NewPCG(5, 0))
	r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	w.events = events
	var batch []event.Event
	for i := range events {
		if events[i].Type == "chat.requested" {
			w.requested++
		}
		if i%40 == 7 {
			bodies, err := own.Say(&events[i])
			if err != nil {
				t.Fatal(err)
			}
			w.hooks = append(w.hooks, bodies...)
			continue
		}
		if batch = append(batch, events[i]); len(batch) == 150 || i == len(events)-1 {
			w.batches = append(w.batches, batch)
			batch = nil
		}
	}
	t.Logf("%d events of %d chats, %d of them by a webhook", len(events), w.requested, len(w.hooks))
	return w
}

// send sends it all, every third batch and every fourth delivery twice.
func (w *workload) send(r *remote) {
	r.t.Helper()
	for i, batch := range w.batches {
		var body bytes.Buffer
		for j := range batch {
			raw, err := batch[j].Marshal()
			if err != nil {
				r.t.Fatal(err)
			}
			body.Write(append(raw, '\n'))
		}
		for range 1 + (i+1)%3/2 {
			var said struct{ Accepted, Duplicates int }
			answer := r.must("POST", "/v1/events", feedKey, body.String(), http.StatusAccepted, "Content-Type", "application/x-ndjson")
			if err := json.Unmarshal([]byte(answer), &said); err != nil || said.Accepted+said.Duplicates != len(batch) {
				r.t.Fatalf("%d events: %s, %v", len(batch), answer, err)
			}
		}
	}
	for i, body := range w.hooks {
		for range 1 + (i+1)%4/3 {
			r.deliver(tenant.Standard, "end-to-end-own", "whsec_ZW5kLXRvLWVuZC1zZWNyZXQtb2YtYWNtZQ==", body, http.StatusOK)
		}
	}
	said := fmt.Sprintf(`{"type":"new_message","orgId":1,"data":{"id":900,"conversationId":815,"body":"hi","author":{"id":7,"type":"contact","bot":false},"type":"chat","createdAt":%d}}`, w.day.Add(10*time.Hour).UnixMilli())
	r.deliver(tenant.Drift, "end-to-end-drift", "end-to-end-drift-token", []byte(said), http.StatusOK)
	r.deliver(tenant.Drift, "end-to-end-drift", "somebody-elses-token", []byte(said), http.StatusUnauthorized)
}

// settled waits until everything is counted, and has the answers.
func (w *workload) settled(r *remote) map[string]string {
	r.t.Helper()
	answers := w.ask(r)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		time.Sleep(3 * time.Second) // longer than events are waited for
		again := w.ask(r)
		if w.counted(r) && fmt.Sprint(again) == fmt.Sprint(answers) {
			w.consistent(r)
			return w.files(r, answers)
		}
		answers = again
	}
	r.t.Fatalf("%d chats are not counted after a minute", w.requested+1)
	return nil
}

// counted says whether every chat is, Drift's among them.
func (w *workload) counted(r *remote) bool {
	return strings.Contains(r.must("GET", w.comm100("chatVolume", "total"), askKey, "", http.StatusOK), fmt.Sprintf(`"chatRequests":%d,`, w.requested+1))
}

// sameAt sends it to another system, and waits until its answers are those wanted.
func (w *workload) sameAt(r *remote, want map[string]string) {
	r.t.Helper()
	began := time.Now()
	w.send(r)
	sent := time.Since(began)
	var got map[string]string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		if !w.counted(r) {
			continue
		}
		if got = w.ask(r); len(different(got, want)) == 0 {
			break
		}
	}
	if got == nil {
		r.t.Fatal("not all chats are counted after two minutes")
	}
	w.consistent(r)
	got = w.files(r, got)
	wrong := different(got, want)
	for i, name := range wrong {
		if i < 5 {
			r.t.Errorf("%s\nis     %.600s\nwanted %.600s", name, got[name], want[name])
		}
	}
	r.t.Logf("%d answers, %d of them different; sent in %v, all in %v", len(got), len(wrong), sent.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
}

// different are the names of answers that are not as wanted; of files only those that there are.
func different(got, want map[string]string) (names []string) {
	for name, answer := range got {
		if answer != want[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
