package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func loadgen(in string, args ...string) (code int, out, err string) {
	var o, e bytes.Buffer
	code = command{in: strings.NewReader(in), out: &o, err: &e}.run(context.Background(), args)
	return code, o.String(), e.String()
}

// store answers like the system: known lines are duplicates, those with "bad" are refused.
func store(t *testing.T) string {
	t.Helper()
	var mu sync.Mutex
	known := map[string]bool{}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		all, err := io.ReadAll(z)
		if err != nil {
			t.Error(err)
		}
		a := struct {
			Accepted   int   `json:"accepted"`
			Duplicates int   `json:"duplicates"`
			Refused    []any `json:"refused"`
		}{}
		lines := strings.Split(strings.TrimSpace(string(all)), "\n")
		for i, l := range lines {
			switch {
			case strings.Contains(l, `"bad"`):
				a.Refused = append(a.Refused, map[string]any{"index": i, "code": "missing_field", "field": "data.length", "message": "is required"})
			case known[l]:
				a.Duplicates++
			default:
				known[l] = true
				a.Accepted++
			}
		}
		w.WriteHeader(map[bool]int{true: 400, false: 202}[len(a.Refused) == len(lines)])
		_ = json.NewEncoder(w).Encode(a)
	}))
	t.Cleanup(h.Close)
	return h.URL
}

func TestSimulatedEventsReplayFromAFileAndFromStandardInput(t *testing.T) {
	args := []string{"simulate", "--seed", "7", "--start", "2026-03-02", "--end", "2026-03-02T10:00:00Z", "--agents", "10"}
	code, events, complaint := loadgen("", args...)
	if code != 0 || strings.Count(events, "\n") < 1000 {
		t.Fatal(code, complaint, len(events))
	}
	if _, again, _ := loadgen("", args...); again != events {
		t.Error("the same flags make other events")
	}
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	to := store(t)
	// Flags after the file, before it, on both sides.
	for i, args := range [][]string{
		{"replay", file, "--to", to, "--key", "k", "--loop-check"},
		{"replay", "--to", to, "--key", "k", "--shuffle", "3", "--batch", "50", file},
		{"replay", "--to", to, "-", "--key", "k", "--quiet"},
	} {
		code, out, complaint := loadgen(events, args...)
		n := strings.Count(events, "\n")
		want := fmt.Sprintf("sent %d: accepted 0, duplicates %d, refused 0 in ", n, n)
		if i == 0 {
			want = fmt.Sprintf("sent %d: accepted %d, duplicates 0, refused 0 in ", n, n)
		}
		if code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, complaint)
		}
	}
}

func TestRefusedEventsAreListedAndTheExitCodeIsOne(t *testing.T) {
	for _, in := range []string{"{\"a\":1}\n{\"bad\":1}\n{\"bad\":2}\n", "\n{\"bad\":3}\n"} {
		code, out, complaint := loadgen(in, "replay", "-", "--to", store(t), "--key", "k", "--refusals", "1")
		if code != 1 || !regexp.MustCompile(`line 2: missing_field data.length: is required`).MatchString(complaint) {
			t.Errorf("exit code %d\n%s%s", code, out, complaint)
		}
		if !regexp.MustCompile(`^sent \d: accepted \d, duplicates 0, refused \d in \d+\.\d s \(\d+ events/s\)\n$`).MatchString(out) {
			t.Errorf("%q", out)
		}
	}
}

func TestAServerThatCannotBeReachedIsExitCodeOne(t *testing.T) {
	h := httptest.NewServer(http.NotFoundHandler())
	h.Close()
	code, out, complaint := loadgen("{}\n", "replay", "-", "--to", h.URL, "--key", "k", "--give-up", "200ms")
	if code != 1 || !strings.Contains(complaint, "reach the server") || !strings.HasPrefix(out, "sent 0: ") {
		t.Errorf("exit code %d\n%s%s", code, out, complaint)
	}
}

func TestMistakesInTheArgumentsAreExitCodeTwo(t *testing.T) {
	for _, args := range [][]string{
		nil,
		{"similate"},
		{"simulate", "extra"},
		{"simulate", "--zone", "Mars"},
		{"simulate", "--start", "soon"},
		{"simulate", "--start", "2026-03-02", "--end", "2026-03-01"},
		{"replay"},
		{"replay", "a", "b"},
		{"replay", "a", "--shuffle", "x"},
		{"replay", "-", "--loop-check"},
		{"replay", "a", "--nope"},
		{"webhook"},
		{"webhook", "--vendor", "freshcat"},
		{"webhook", "--vendor", "drift", "--to", "localhost"},
		{"webhook", "--vendor", "drift", "--file", "nowhere.json"},
		{"webhook", "--vendor", "drift", "--file", "main.go", "--play"},
		{"webhook", "--vendor", "drift", "--play", "--count", "0"},
		{"webhook", "--vendor", "freshchat", "--secret", "nowhere.pem"},
		{"webhook", "--vendor", "freshchat", "--secret", "main.go"},
		{"webhook", "--vendor", "standard", "--secret", "no base64"},
	} {
		if code, _, complaint := loadgen("", args...); code != 2 || complaint == "" {
			t.Errorf("%v: exit code %d, %q", args, code, complaint)
		}
	}
}

func TestMistakesInTheArgumentsSayWhatIsRight(t *testing.T) {
	for args, want := range map[string]string{
		"similate":                  `unknown subcommand "similate"; simulate was probably meant; there are simulate, replay, webhook`,
		"webhook":                   "--vendor is missing; it should be one of ",
		"webhook --vendor freshcat": `--vendor: there is no vendor "freshcat"; freshchat was probably meant; there are `,
		"replay":                    "replay takes 1 operands besides its flags, not 0; usage: loadgen replay FILE [flags] ",
	} {
		if _, _, complaint := loadgen("", strings.Fields(args)...); !strings.Contains(complaint, want) {
			t.Errorf("%s: %s, want %s", args, complaint, want)
		}
	}
}

func TestHelpIsNoMistakeAndShowsNoSecret(t *testing.T) {
	t.Setenv("CHATREPORTS_KEY", "very-secret")
	for _, args := range [][]string{{"help"}, {"simulate", "--help"}, {"replay", "--help"}, {"webhook", "--help"}} {
		code, out, complaint := loadgen("", args...)
		if code != 0 || strings.Contains(out+complaint, "very-secret") || len(out+complaint) < 100 || !strings.Contains(out+complaint, "loadgen "+strings.TrimPrefix(args[0], "help")) {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, complaint)
		}
	}
}

// vendors is a server that does not take every third payload at once, and keeps what it
// takes.
func vendors(t *testing.T) (to string, taken func() []*http.Request) {
	t.Helper()
	var mu sync.Mutex
	var list []*http.Request
	n := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 {
			w.Header().Set("Retry-After", "0")
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		kept := r.Clone(context.Background())
		kept.Body = io.NopCloser(bytes.NewReader(body))
		list = append(list, kept)
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(h.Close)
	return h.URL, func() []*http.Request {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

func TestPayloadsArePostedUntilTheyAreTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "payload.json")
	if err := os.WriteFile(file, []byte(`{"type":"new_message","data":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		posted int
		says   string
		path   string
	}{
		{[]string{"--vendor", "comm100"}, 1, "200 OK: ok\n", "/v1/webhooks/demo-comm100?token=demo-key"},
		{[]string{"--vendor", "drift", "--file", file, "--secret", "mine"}, 1, "200 OK: ok\n", "/v1/webhooks/demo-drift"},
		{[]string{"--vendor", "standard", "--play", "--count", "20"}, 20, "posted 20 payloads in ", "/v1/webhooks/demo-standard"},
		{[]string{"--vendor", "livechat", "--play", "--start", "2026-03-02T09:00:00Z", "--end", "2026-03-02T09:01:00Z"}, -1, "posted ", "/v1/webhooks/demo-livechat"},
	} {
		to, taken := vendors(t)
		code, out, complaint := loadgen("", append([]string{"webhook", "--to", to}, c.args...)...)
		list := taken()
		if code != 0 || !strings.HasPrefix(out, c.says) || c.posted >= 0 && len(list) != c.posted || len(list) == 0 {
			t.Errorf("%v: exit code %d, %d posted\n%s%s", c.args, code, len(list), out, complaint)
			continue
		}
		if got := list[0].URL.String(); got != c.path {
			t.Errorf("%v: posted to %s", c.args, got)
		}
		if body, _ := io.ReadAll(list[0].Body); strings.Contains(c.path, "drift") && string(body) != `{"data":{},"token":"mine","type":"new_message"}` {
			t.Errorf("%s", body)
		}
	}
}

func TestWhoIsNotHeardIsToldAndShowsNoSecret(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you?", http.StatusUnauthorized) }))
	defer h.Close()
	for _, args := range [][]string{{}, {"--play", "--count", "3", "--start", "2026-03-02T10:00:00Z", "--end", "2026-03-02T11:00:00Z"}} {
		code, _, complaint := loadgen("", append([]string{"webhook", "--vendor", "chatbot", "--secret", "very-secret", "--to", h.URL + "/v1/webhooks/cb"}, args...)...)
		if code != 1 || !strings.Contains(complaint, "401 Unauthorized: who are you?") || strings.Contains(complaint, "very-secret") {
			t.Errorf("exit code %d\n%s", code, complaint)
		}
	}
}

func TestAPlayInWhichNobodyChatsSaysSo(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something is posted") }))
	defer h.Close()
	code, out, complaint := loadgen("", "webhook", "--vendor", "chatbot", "--play", "--start", "2026-03-02T03:00:00Z", "--end", "2026-03-02T03:00:01Z", "--to", h.URL+"/v1/webhooks/cb")
	if code != 1 || !strings.HasPrefix(out, "posted 0 payloads") || !strings.Contains(complaint, "nobody chats between 2026-03-02T03:00:00Z and 2026-03-02T03:00:01Z; --start should be an earlier moment") {
		t.Errorf("exit code %d\n%s%s", code, out, complaint)
	}
}
