package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/tenant"
)

// The demo says how far it is while it loads, goes on after a kill, holds what is
// simulated, and prints lines that have answers, at whatever time it is started.
func TestTheDemoLoadsGoesOnAndPrintsWhatWorks(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("needs curl: install curl")
	}
	address := freeAddress(t)
	data := t.TempDir()
	args := []string{"--listen", address, "--data", data, "--now"}
	p := begin(t, append(args, "2000-02-29T00:00:00Z")...)
	p.url = "http://" + address
	p.loads(20)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	for _, now := range []string{
		"2000-02-29T00:00:00Z", // again
		"2000-03-01T03:30:00Z", // goes on, at night
		"1999-06-01T12:00:00Z", // before there is anything
	} {
		p := start(t, append(args, now)...)
		p.must("GET", "/healthz", "", "", 200)
		printed := 0
		for line := range strings.Lines(p.printed) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "curl ") {
				continue
			}
			printed++
			out, err := exec.Command("sh", "-c", strings.Replace(line, "curl", curl+" -sf", 1)).Output()
			if strings.Contains(line, "/v1/exports/") {
				if err != nil || bytes.Count(out, []byte("\r\n")) < 6 {
					t.Errorf("%s\nprints %s, %v, want rows", line, out, err)
				}
				continue
			}
			if err != nil || !json.Valid(out) {
				t.Errorf("%s\nprints %s, %v", line, out, err)
			}
			var rows []map[string]any
			switch {
			case !strings.Contains(line, "/reports/"):
			case strings.Contains(line, "/reports/conversations"):
				if strings.Count(string(out), `"group"`) < 3 || strings.Contains(string(out), `"total":0`) {
					t.Errorf("%s\nprints %s, want stories with conversations", line, out)
				}
			case json.Unmarshal(out, &rows) != nil || len(rows) < 6:
				t.Errorf("%s\nprints %s, want rows", line, out)
			case strings.Contains(line, "chatVolume"):
				for _, row := range rows {
					if row["chatRequests"] == 0.0 {
						t.Errorf("%s\nhas a day without chats: %s", line, out)
					}
				}
			case strings.Contains(line, "realtime/queue") && now[0] == '2':
				if !strings.Contains(string(out), `"waitTime"`) {
					t.Errorf("at %s nobody waits: %s", now, out)
				}
			}
		}
		if printed != 7 {
			t.Errorf("%d lines to try:\n%s", printed, p.printed)
		}
		var there struct{ LoggedInAgents int }
		if answer := p.must("GET", "/api/v3/livechat/reports/realtime/rightNow", demoSecret, "", 200); now[0] == '2' {
			if err := json.Unmarshal([]byte(answer), &there); err != nil || there.LoggedInAgents < 1 {
				t.Errorf("at %s nobody is online: %s", now, answer)
			}
		}
		var months []struct{ ChatRequests int }
		answer := p.must("GET", "/api/v3/livechat/reports/chatVolume?timeFrom=1999-11-01T00:00:00&timeTo=2000-02-29T00:00:00&group=month", demoSecret, "", 200)
		total := 0
		if err := json.Unmarshal([]byte(answer), &months); err != nil {
			t.Fatal(err)
		}
		for _, m := range months {
			total += m.ChatRequests
		}
		if want := simulatedChats(); total != want {
			t.Errorf("at %s there are %d chats, and %d were simulated", now, total, want)
		}
		if code := p.signal(syscall.SIGTERM); code != 0 {
			t.Errorf("it ended with %d\n%s", code, p.errors)
		}
	}
	p = start(t, "--data", data, "--demo=false")
	p.must("GET", volume, demoSecret, "", 401)
}

// Of each vendor the console has a line that posts what the vendor would, and is taken.
func TestTheDemoTakesWhatVendorsPost(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "loadgen")
	if out, err := exec.Command("go", "build", "-o", tool, "../loadgen").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	p := start(t, "--data", t.TempDir(), "--now", time.Now().UTC().Format(time.RFC3339))
	vendors := tenant.Providers()
	for line := range strings.Lines(p.printed) {
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "go run ./infra/loadgen ")
		if !ok {
			continue
		}
		out, err := exec.Command(tool, strings.Fields(args)...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "200 OK: ") || !strings.Contains(args, "--vendor "+vendors[0]+" ") {
			t.Errorf("%s\nprints %s, %v", line, out, err)
		}
		vendors = vendors[1:]
	}
	if len(vendors) > 0 {
		t.Errorf("there is no line for %q:\n%s", vendors, p.printed)
	}
}

// simulatedChats counts the chats requested in the demo that began 100 days before a leap day.
func simulatedChats() (n int) {
	end := time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC)
	for e := range (demoState{Edition: edition, Start: end.AddDate(0, 0, -demoDays)}).simulation(end).Events() {
		if e.Type == "chat.requested" {
			n++
		}
	}
	return n
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// loads asks while the system loads, until so many days are done.
func (p *process) loads(days int) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		status, answer, header, err := p.request("GET", "/healthz", "", "")
		if err != nil {
			continue // not open yet
		}
		var s stage
		if err := json.Unmarshal([]byte(answer), &s); err != nil || status != http.StatusServiceUnavailable || s.Status != "loading" || header.Get("Retry-After") == "" {
			p.t.Fatalf("while it loads it says %d %s", status, answer)
		}
		if s.Of == 0 || s.Done < days {
			continue
		}
		status, answer, header, err = p.request("GET", volume, demoSecret, "")
		if err != nil || status != http.StatusServiceUnavailable || header.Get("Content-Type") != "application/problem+json" || header.Get("Retry-After") == "" || !strings.Contains(answer, `"loading"`) {
			p.t.Fatalf("while it loads a report is answered with %d %s, %v", status, answer, err)
		}
		return
	}
	p.t.Fatal("it does not load")
}

func TestItEndsWellWhileItLoads(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	p := begin(t, "--listen", address, "--data", t.TempDir())
	p.url = "http://" + address
	p.loads(1)
	go func() { p.ended <- p.cmd.Wait() }()
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("it ended with %d\n%s", code, p.errors)
	}
}

// A data directory that was begun by an earlier edition of the demo goes on with the same
// events: another simulation beside it would count everything twice.
func TestEarlierEditionsOfTheDemoGoOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.json")
	for earlier, want := range map[int]string{2: "2715 8266836a49dc454d", 0: "8067 da40417036c2fa2f"} {
		text := fmt.Sprintf(`{"edition":%d,"start":"2026-02-25T00:00:00Z","until":"2026-03-18T15:04:05Z"}`, earlier)
		if err := os.WriteFile(path, []byte(strings.Replace(text, `"edition":0,`, "", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		state, err := demoAt(path, time.Date(2026, 3, 27, 9, 0, 0, 0, time.UTC))
		if err != nil || state.Edition != earlier || state.Start.Day() != 25 {
			t.Fatalf("edition %d goes on as %+v, %v", earlier, state, err)
		}
		h, n := sha256.New(), 0
		for e := range state.simulation(state.Start.AddDate(0, 0, 2)).Events() {
			h.Write(sim.AppendJSON(nil, &e))
			n++
		}
		if got := fmt.Sprint(n, " ", hex.EncodeToString(h.Sum(nil))[:16]); got != want {
			t.Errorf("the first two days of edition %d are %s", earlier, got)
		}
		checkQuestions(t, path, state)
	}
}

func checkQuestions(t *testing.T, path string, state demoState) {
	t.Helper()
	if got := state.questions(state.Until)[1]; got != "api/v3/livechat/reports/queue?timeFrom=2026-03-11T00:00:00&timeTo=2026-03-18T00:00:00&group=department" {
		t.Errorf("it is asked %q", got)
	}
	// So long ago that a new one begins.
	if state, err := demoAt(path, time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)); err != nil || state.Edition != edition || !state.Until.IsZero() {
		t.Errorf("half a year later it is %+v, %v", state, err)
	}
}
