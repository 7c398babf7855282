package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// server is a system behind a port. Its door is shut after so many requests.
type server struct {
	*trial.System
	url string

	mu    sync.Mutex
	after int // 0: it stays open
	calls int
}

// open lets some calls in from now on, and refuses what comes after; 0 lets all in.
func (s *server) open(calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after, s.calls = calls, 0
}

func newServer(t *testing.T, at time.Time) *server {
	t.Helper()
	system, err := trial.Open(t.TempDir(), at, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise},
		Keys:   []tenant.Key{{ID: "all", Secret: "k", Scopes: tenant.Scopes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{System: system}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.calls++; s.after > 0 && s.calls > s.after {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := s.Request(r.Method, r.URL.String(), r.Header, string(body))
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	s.url = h.URL
	t.Cleanup(func() { h.Close(); _ = system.Close() })
	return s
}

// takes imports files and returns the exit code and what was said.
func (s *server) takes(args ...string) (code int, out, complaint string) {
	var o, e bytes.Buffer
	code = command{out: &o, err: &e}.run(context.Background(), append([]string{"--to", s.url, "--key", "k", "--quiet"}, args...))
	return code, o.String(), e.String()
}

func simulated(start time.Time, hours int) (list []event.Event) {
	for e := range sim.New(sim.Config{Seed: 4, Start: start, End: start.Add(time.Duration(hours) * time.Hour), Agents: 8, Scale: 0.2}).Events() {
		list = append(list, e)
	}
	return list
}

// raw is a report's file, as a job delivers it: a ZIP of a CSV, and the CSV in it.
func (s *server) raw(t *testing.T, report string, from, to time.Time) (packed []byte, text string) {
	t.Helper()
	ask := func(method, target, body string, into any) {
		r, err := s.Request(method, target, http.Header{"Authorization": {"Bearer k"}}, body)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if err := json.NewDecoder(r.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	var job struct{ ID, Status string }
	ask("POST", "/v2/reports/raw", fmt.Sprintf(`{"start":%q,"end":%q,"event":%q,"format":"csv"}`, from.Format(time.RFC3339), to.Format(time.RFC3339), report), &job)
	if ask("GET", "/v2/reports/raw/"+job.ID, "", &job); job.Status != "COMPLETED" {
		t.Fatalf("%s: %+v", report, job)
	}
	for info, err := range s.Files.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(info.Key, job.ID) {
			continue
		}
		r, err := s.Files.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		if packed, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return packed, string(all)
}

// Files as our own jobs deliver them, imported where there is nothing, give files with the
// same rows; imported again they change nothing. Which columns come back, and which do not,
// shared/webhook/freshchat tests.
func TestFilesOfJobsComeBack(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	end := start.Add(24 * time.Hour)
	own, other := newServer(t, end.Add(time.Hour)), newServer(t, end.Add(time.Hour))
	if err := own.Send(simulated(start, 6)); err != nil {
		t.Fatal(err)
	}
	var files []string
	want := map[string]string{}
	for _, report := range []string{"Message-Sent", "Conversation-Resolved", "Conversation-Created", "CSAT-Score", "Conversation-Resolution-Label"} {
		packed, text := own.raw(t, report, start, end)
		file := filepath.Join(t.TempDir(), report+".zip")
		if err := os.WriteFile(file, packed, 0o600); err != nil {
			t.Fatal(err)
		}
		files, want[report] = append(files, file), text
	}
	for i, says := range []string{`: \d+ rows, 0 not understood; \d{2,} events taken, \d+ known already, 0 refused, in `, `: \d+ rows, 0 not understood; 0 events taken, \d{2,} known already, 0 refused, in `} {
		code, out, complaint := other.takes(append([]string{"--format", "freshchat"}, files...)...)
		if lines := regexp.MustCompile(says).FindAllString(out, -1); code != 0 || len(lines) != len(files) {
			t.Fatalf("time %d: exit code %d\n%s%s", i+1, code, out, complaint)
		}
		for report, text := range want {
			if _, got := other.raw(t, report, start, end); strings.Count(got, "\r\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r\n") < 10 {
				t.Errorf("%s has %d lines, want %d", report, strings.Count(got, "\r\n"), strings.Count(text, "\r\n"))
			}
		}
		if _, got := other.raw(t, "Response-Time", start, end); strings.Count(got, "\r\n") < 10 {
			t.Errorf("times do not follow: %s", got)
		}
	}
}

// What is not understood, or refused, is told with its line; the rest is sent.
func TestProblemsAreToldWithTheirLines(t *testing.T) {
	s := newServer(t, now)
	events := filepath.Join(t.TempDir(), "events.ndjson")
	good := `{"specversion":"1.0","id":"%d","source":"s","type":"chat.abandoned","subject":"c","time":"2026-03-01T11:00:00Z"}` + "\n"
	if err := os.WriteFile(events, []byte(fmt.Sprintf(good, 1)+"\nnonsense\n"+fmt.Sprintf(good, 2)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format, file string
		out          string
		complaints   []string
	}{
		{"events", events, "3 rows, 0 not understood; 2 events taken, 0 known already, 1 refused", []string{"line 3: invalid_json"}},
		{"freshchat", sample("freshchat/ratings.csv"), "3 rows, 1 not understood; 5 events taken, 0 known already, 0 refused", []string{`line 5: not understood: value is "Good"`}},
		{"freshchat", sample("freshchat/times.csv"), "1 rows, 1 not understood; 0 events taken, 0 known already, 0 refused", []string{"line 1: not understood: its columns are those of no report"}},
		{"comm100", sample("comm100/version-4.json"), "4 rows, 1 not understood; 11 events taken", []string{"line 8: not understood: a chat should have id"}},
		{"comm100", sample("freshchat/times.csv"), "0 rows, 0 not understood; 0 events taken", []string{"line 1 is no JSON", "not everything is stored"}},
	} {
		code, out, complaint := s.takes("--format", c.format, c.file)
		if code != 1 || !strings.Contains(out, c.out) {
			t.Errorf("%s: exit code %d\n%s%s", c.file, code, out, complaint)
		}
		for _, want := range c.complaints {
			if !strings.Contains(complaint, want) {
				t.Errorf("%s: %q is not in\n%s", c.file, want, complaint)
			}
		}
		if _, err := os.Stat(c.file + ".import"); err == nil {
			t.Errorf("%s: something is left beside it", c.file)
		}
	}
}

// sample is a file that is there for everybody, and beside which nothing may be left.
func sample(name string) string { return filepath.Join(samples, filepath.FromSlash(name)) }

// What was interrupted goes on where it stopped; what is there when it is through is what
// was in the file, once.
func TestAnInterruptedImportGoesOn(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	list := simulated(start, 6)
	var text bytes.Buffer
	z := gzip.NewWriter(&text)
	for i := range list {
		_, _ = z.Write(append(sim.AppendJSON(nil, &list[i]), '\n'))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "events.ndjson.gz")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, start.AddDate(0, 0, 1))
	for i := range 3 {
		s.open(2)
		code, out, complaint := s.takes("--format", "events", file, "--give-up", "50ms", "--parallel", "1")
		if code != 1 || !strings.Contains(complaint, "the same command goes on") || strings.Contains(out, "by an earlier run") != (i > 0) {
			t.Fatalf("exit code %d\n%s%s", code, out, complaint)
		}
		if i == 1 { // another key is another tenant: from the beginning
			s.open(0)
			if code, out, complaint = s.takes("--format", "events", file, "--key", "another"); code != 1 || !strings.Contains(complaint, "401") || strings.Contains(out, "earlier run") {
				t.Fatalf("exit code %d\n%s%s", code, out, complaint)
			}
		}
	}
	s.open(0)
	code, out, complaint := s.takes("--format", "events", file)
	skipped := regexp.MustCompile(`, (\d+) sent by an earlier run`).FindStringSubmatch(out)
	if code != 0 || skipped == nil || len(skipped[1]) < 3 {
		t.Errorf("exit code %d\n%s%s", code, out, complaint)
	}
	if len(s.Accepted) != len(list) {
		t.Errorf("%d events are stored, want %d", len(s.Accepted), len(list))
	}
	if code, out, _ := s.takes("--format", "events", file); code != 0 || !strings.Contains(out, fmt.Sprintf("0 events taken, %d known already", len(list))) {
		t.Errorf("again: %d %s", code, out)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(left) != 1 {
		t.Errorf("there are %q", left)
	}
}

func TestOnlyWhatHappenedBeforeIsTaken(t *testing.T) {
	s := newServer(t, now)
	code, out, complaint := s.takes("--format", "freshchat", sample("freshchat/created.csv"), "--before", "2026-03-02T10:30:00Z")
	if code != 0 || !strings.Contains(out, "4 rows, 0 not understood; 4 events taken, 0 known already, 0 refused, 3 left out") {
		t.Errorf("exit code %d\n%s%s", code, out, complaint)
	}
}

func TestMistakesInTheArgumentsAreExitCodeTwo(t *testing.T) {
	s := &server{url: "http://127.0.0.1:1"}
	for _, args := range [][]string{
		{},
		{"--format", "events"},
		{"a", "--format", "csv"},
		{"a"},
		{"a", "--format", "freshchat", "--before", "soon"},
		{"a", "--format", "events", "--before", "2026-03-01T00:00:00Z"},
		{"a", "--nope"},
	} {
		if code, _, complaint := s.takes(args...); code != 2 || complaint == "" {
			t.Errorf("%v: exit code %d, %q", args, code, complaint)
		}
	}
	if code, _, complaint := s.takes("nowhere.csv", "--format", "freshchat"); code != 1 || !strings.Contains(complaint, "nowhere.csv") {
		t.Errorf("exit code %d, %q", code, complaint)
	}
	t.Setenv("CHATREPORTS_KEY", "very-secret")
	if code, _, help := s.takes("--help"); code != 0 || strings.Contains(help, "very-secret") || !strings.Contains(help, "--before") {
		t.Errorf("exit code %d, %q", code, help)
	}
}
