package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	code := 1
	func() {
		dir, err := os.MkdirTemp("", "local")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		defer func() { _ = os.RemoveAll(dir) }()
		binary = filepath.Join(dir, "local")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
			return
		}
		code = m.Run()
	}()
	os.Exit(code)
}

const tenantsFile = `
tenants:
  - id: acme
    keys:
      - {id: all, secret: all-key, scopes: [events:write, reports:read]}
      - {id: ops, secret: ops-key, scopes: [reports:read]}
      - {id: feed, secret: feed-key, scopes: [events:write]}
  - id: other
    keys: [{id: all, secret: other-key, scopes: [events:write, reports:read]}]
`

// process is a running local system.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	out     io.Reader
	url     string
	printed string
	errors  *output
	ended   chan error
}

// output is what a process writes while it is looked at.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// start starts the system and waits until it listens.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := begin(t, args...)
	p.listens()
	return p
}

// begin starts the system in an empty directory.
func begin(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, errors: &output{}, ended: make(chan error, 1)}
	p.cmd = exec.Command(binary, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Stderr, p.cmd.Dir = p.errors, t.TempDir()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.out = out
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// listens waits until the system says that it listens.
func (p *process) listens() {
	p.t.Helper()
	lines := bufio.NewScanner(p.out)
	for lines.Scan() {
		p.printed += lines.Text() + "\n"
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.url = url
			go func() { _, _ = io.Copy(io.Discard, p.out); p.ended <- p.cmd.Wait() }()
			return
		}
	}
	p.t.Fatalf("it ended before it listened: %v\n%s", p.cmd.Wait(), p.errors)
}

// signal sends a signal and returns the exit code.
func (p *process) signal(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(30 * time.Second):
		p.t.Fatal("it did not end within 30 s")
		return -1
	}
}

// request sends one request; err is of the connection.
func (p *process) request(method, path, key, body string) (status int, answer string, header http.Header, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, string(raw), response.Header, err
}

func (p *process) must(method, path, key, body string, want int) string {
	p.t.Helper()
	status, answer, _, err := p.request(method, path, key, body)
	if err != nil || status != want {
		p.t.Fatalf("%s %s answers %d %s, %v; want %d\n%s", method, path, status, answer, err, want, p.errors)
	}
	return answer
}

// requested is one chat requested at a fixed time.
func requested(chat string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"%[1]s-1","source":"test","type":"chat.requested","subject":%[1]q,"time":"2026-03-02T10:00:00Z","data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}}`, chat)
}

const volume = "/api/v3/livechat/reports/chatVolume?timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00&group=day"

// requests reads the number of chats requested out of the report.
func (p *process) requests(key string) int {
	p.t.Helper()
	var rows []struct{ ChatRequests int }
	answer := p.must("GET", volume, key, "", 200)
	if err := json.Unmarshal([]byte(answer), &rows); err != nil || len(rows) != 1 {
		p.t.Fatalf("the report is %s, %v", answer, err)
	}
	return rows[0].ChatRequests
}

// until waits for the report to show a number: it is there within seconds.
func (p *process) until(key string, want int) {
	p.t.Helper()
	var got int
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = p.requests(key); got == want {
			return
		}
	}
	p.t.Fatalf("the report shows %d chats requested, want %d\n%s", got, want, p.errors)
}

func tenantsAt(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
