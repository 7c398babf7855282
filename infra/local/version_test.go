package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatreports/infra/storage"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/function"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// question is a request whose answer follows from counters, and refused how its API says that
// another version counted them.
type question struct{ method, target, body, refused string }

const (
	ours   = `"code":"another_version"`
	theirs = "What is stored was counted by another version of this system"
)

// questions are some to each report of each API.
func questions() (all []question) {
	const days = "timeFrom=2026-03-01T00:00:00&timeTo=2026-03-03T00:00:00"
	for _, r := range comm100.Reports() {
		path, refused := comm100.Prefix+r.Path, `{"code":503000,"message":"`+theirs
		switch {
		case r.Realtime:
			all = append(all, question{"GET", path, "", refused})
		case len(r.Groups) == 0:
			all = append(all, question{"GET", path + "?" + days, "", refused})
		}
		for _, group := range r.Groups {
			all = append(all, question{"GET", path + "?" + days + "&group=" + group, "", refused})
		}
	}
	for _, path := range chatbot.Paths() {
		all = append(all, question{"GET", path + "?period=last7days", "", ours})
	}
	for _, r := range conversation24.Reports() {
		query := "?from=2026-03-01"
		if r.List {
			query = ""
		}
		all = append(all, question{"GET", conversation24.Path + r.Name + query, "", ours})
	}
	return append(all,
		question{"POST", "/reports/conversations", `{"filters":[{"property":"status","operation":"EQ","values":["open"]}],"metrics":["timeToCloseMillis"]}`, `{"error":{"message":"` + theirs},
		question{"GET", "/v1/directory/agents", "", ours},
		question{"GET", "/v1/chats/c1", "", ours},
		question{"GET", "/v1/rows?report=chatVolume&" + days + "&group=day&bucket=2026-03-02T00:00:00&measure=chatRequests", "", ours},
	)
}

// views are pages of the dashboard that ask reports.
var views = []string{
	"/", "/dashboard/agents", "/dashboard/departments", "/dashboard/queues", "/dashboard/satisfaction", "/dashboard/bots", "/dashboard/conversions", "/dashboard/live?page=/",
	"/dashboard/table?report=chatVolume&group=day&timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00",
}

// uncounted are requests that no counter has to do with.
var uncounted = []string{"/v1/schedules", "/v1/measures", "/healthz", "/openapi.json"}

// TestWhatAnotherVersionCountedIsToldByNobody: where other code counted what is stored, each
// API says so, in its own shape, and when to ask again; and tells it when that is over. Events
// are taken all the while, and counted afterwards; files that were asked for are made then.
func TestWhatAnotherVersionCountedIsToldByNobody(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	args := []string{"--data", data, "--demo=false", "--now", "2026-03-02T12:00:00Z", "--tenants", tenantsAt(t, tenantsFile)}
	p := start(t, args...)
	p.must("POST", "/v1/events", "all-key", requested("c1"), http.StatusAccepted)
	p.until("all-key", 1)
	all := questions()
	p.answered(all, false)
	p.ends(t)

	countedBy(t, data, measure.Current.Number+1)
	p = start(t, args...)
	p.answered(all, true)
	p.must("POST", "/v1/events", "all-key", requested("c2"), http.StatusAccepted)
	job := between(t, p.post("all-key", "2026-03-01", "2026-03-02", "Conversation-Created", "csv"), "w/", `"}`)
	p.logs("a job waits")
	if status, links := p.status("all-key", job); status != "PENDING" || len(links) > 0 {
		t.Errorf("a job that cannot be made yet is %s, %q", status, links)
	}
	p.ends(t)

	countedBy(t, data, measure.Current.Number)
	p = start(t, args...)
	p.until("all-key", 2)
	p.answered(all, false)
	p.completed("all-key", job)
}

// logs waits until something is logged.
func (p *process) logs(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(p.errors.String(), text) {
			return
		}
	}
	p.t.Fatalf("%q is not logged:\n%s", text, p.errors)
}

// answered wants that questions are answered, or refused.
func (p *process) answered(all []question, refused bool) {
	p.t.Helper()
	for _, q := range all {
		status, answer, header, err := p.request(q.method, q.target, "all-key", q.body)
		if refused {
			if err != nil || status != http.StatusServiceUnavailable || header.Get("Retry-After") != "10" || !strings.Contains(answer, q.refused) {
				p.t.Errorf("%s %s: %d, Retry-After %q, %.200s, %v", q.method, q.target, status, header.Get("Retry-After"), answer, err)
			}
		} else if err != nil || status != http.StatusOK {
			p.t.Errorf("%s %s: %d %.200s, %v", q.method, q.target, status, answer, err)
		}
	}
	for _, target := range uncounted {
		if status, answer, _, err := p.request("GET", target, "all-key", ""); err != nil || status != http.StatusOK {
			p.t.Errorf("%s: %d %.200s, %v", target, status, answer, err)
		}
	}
	want := map[bool]int{false: http.StatusOK, true: http.StatusServiceUnavailable}[refused]
	for _, target := range views {
		status, answer := p.looks(target)
		if status != want || strings.Contains(answer, "another version") != refused {
			p.t.Errorf("%s shows %d %s", target, status, answer[strings.Index(answer, "<body"):])
		}
	}
}

// looks opens a page of the dashboard, signed in.
func (p *process) looks(target string) (status int, page string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+target, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Cookie", "key="+base64.RawURLEncoding.EncodeToString([]byte("all-key")))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

func (p *process) ends(t *testing.T) {
	t.Helper()
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Fatalf("it ends with %d\n%s", code, p.errors)
	}
}

// countedBy has another version of the measures have counted what a directory holds.
func countedBy(t *testing.T, data string, version uint32) {
	t.Helper()
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(data, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m, err := counter.Change(t.Context(), table.Divide(db.Table(names[function.StateTable])), "acme", func(m *cell.Merged) error { m.Catalogue = version; return nil })
	if err != nil || m.Version < 2 {
		t.Fatal(m, err)
	}
}
