package functions

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runtime stands where Lambda's Runtime API does: it hands events to one process
// and takes what comes back.
type runtime struct {
	t      *testing.T
	server *httptest.Server
	events chan string
	backs  chan back
	// has is the time that each call has.
	has time.Duration
	// asked is closed once an event is asked for.
	asked chan struct{}
	cmd   *exec.Cmd

	mu  sync.Mutex
	out strings.Builder
}

// back is what a function answered; failed says that it was an error.
type back struct {
	body   string
	failed bool
}

// startFunction starts a compiled function against a runtime of its own.
func startFunction(t *testing.T, bootstrap string, env ...string) *runtime {
	t.Helper()
	r := &runtime{t: t, events: make(chan string), backs: make(chan back, 1), has: 20 * time.Second, asked: make(chan struct{})}
	asks, calls := sync.OnceFunc(func() { close(r.asked) }), 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, req *http.Request) {
		asks()
		select {
		case e := <-r.events:
			calls++
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint("call-", calls))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(r.has).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
			_, _ = io.WriteString(w, e)
		case <-req.Context().Done():
		}
	})
	answer := func(failed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			raw, _ := io.ReadAll(req.Body)
			r.backs <- back{string(raw), failed}
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", answer(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", answer(true))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", answer(true))
	r.server = httptest.NewServer(mux)
	cmd := exec.Command(bootstrap)
	cmd.Env = append(slices.Clip(env), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(r.server.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=f")
	cmd.Stdout, cmd.Stderr = r, r
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.cmd = cmd
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
	})
	return r
}

// awaited waits until the function asks for an event.
func (r *runtime) awaited() {
	r.t.Helper()
	select {
	case <-r.asked:
	case <-time.After(20 * time.Second):
		r.t.Fatalf("it never asked for an event\n%s", r.log())
	}
}

// shut tells a function that it ends, as Lambda does, and says what it has used.
func (r *runtime) shut() *os.ProcessState {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = r.cmd.Process.Kill() })
	_ = r.cmd.Wait()
	if !late.Stop() {
		r.t.Error("it did not end when it was told to")
	}
	return r.cmd.ProcessState
}

// Write takes what the function logs.
func (r *runtime) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(p)
}

// call hands an event over and gives what comes back.
func (r *runtime) call(event any) back {
	r.t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		r.t.Fatal(err)
	}
	timeout := time.After(r.has)
	select {
	case r.events <- string(raw):
	case b := <-r.backs:
		r.t.Fatalf("it ended before it asked for an event: %s\n%s", b.body, r.log())
	case <-time.After(20 * time.Second):
		r.t.Fatalf("it never asked for an event\n%s", r.log())
	}
	select {
	case b := <-r.backs:
		return b
	case <-timeout:
		r.t.Fatalf("it did not answer\n%s", r.log())
	}
	return back{}
}

// invoke hands an event over and reads the answer into out.
func (r *runtime) invoke(event, out any) {
	r.t.Helper()
	b := r.call(event)
	if b.failed {
		r.t.Fatalf("it failed: %s\n%s", b.body, r.log())
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(b.body), out); err != nil {
		r.t.Fatalf("it answers %s: %v", b.body, err)
	}
}

func (r *runtime) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

// logs waits until the function has logged something: what it writes comes by another way
// than its answers.
func (r *runtime) logs(want string) bool {
	for range 500 {
		if strings.Contains(r.log(), want) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
