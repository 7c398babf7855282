package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatreports/infra/local/gateway"
)

func TestAnEventGoesInAndComesOutInAReport(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "--data", data, "--demo=false", "--tenants", tenantsAt(t, tenantsFile))
	p.must("GET", "/healthz", "", "", 200)
	answer := p.must("POST", "/v1/events", "feed-key", "["+requested("c1")+","+requested("c2")+","+requested("c1")+"]", 202)
	if want := `{"accepted":2,"duplicates":1,"refused":[]}`; strings.TrimSpace(answer) != want {
		t.Errorf("answer is %s, want %s", answer, want)
	}
	p.until("ops-key", 2)
	if n := p.requests("other-key"); n != 0 {
		t.Errorf("another tenant sees %d", n)
	}
	// What was accepted just before the end is there after it.
	p.must("POST", "/v1/events", "all-key", requested("c3"), 202)
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM ends it with %d\n%s", code, p.errors)
	}
	p = start(t, "--data", data, "--demo=false")
	if n := p.requests("all-key"); n != 3 {
		t.Errorf("%d chats after the restart, want 3 at once", n)
	}
	if code := p.signal(os.Interrupt); code != 0 {
		t.Errorf("SIGINT ends it with %d\n%s", code, p.errors)
	}
}

func TestEverythingAcknowledgedIsThereOnceAfterAKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	args := []string{"--data", data, "--demo=false", "--tenants", tenantsAt(t, tenantsFile)}
	p := start(t, args...)
	const atOnce = 20
	var acknowledged, sent []string
	kill := time.AfterFunc(1200*time.Millisecond, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	for i := 0; ; i++ {
		var events []string
		for n := range atOnce {
			events = append(events, requested(fmt.Sprintf("c%d-%d", i, n)))
		}
		sent = append(sent, "["+strings.Join(events, ",")+"]")
		status, answer, _, err := p.request("POST", "/v1/events", "all-key", sent[i])
		if err != nil {
			break // killed
		}
		if status != 202 {
			t.Fatalf("answer is %d %s", status, answer)
		}
		acknowledged = append(acknowledged, sent[i])
	}
	if err := <-p.ended; err == nil {
		t.Error("it was killed, and ended well")
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged before it was killed")
	}
	p = start(t, args...)
	n := p.requests("all-key")
	if least, most := atOnce*len(acknowledged), atOnce*len(sent); n < least || n > most {
		t.Errorf("%d chats after the kill, want %d, which were acknowledged, or up to %d", n, least, most)
	}
	for _, body := range acknowledged {
		if got, want := p.must("POST", "/v1/events", "all-key", body, 202), fmt.Sprintf(`{"accepted":0,"duplicates":%d,"refused":[]}`, atOnce); strings.TrimSpace(got) != want {
			t.Fatalf("sent again: %s, want %s", got, want)
		}
	}
	p.must("POST", "/v1/events", "all-key", sent[len(sent)-1], 202)
	p.until("all-key", atOnce*len(sent))
}

func TestWhoMayNot(t *testing.T) {
	t.Parallel()
	p := start(t, "--data", t.TempDir(), "--demo=false", "--tenants", tenantsAt(t, tenantsFile))
	for request, want := range map[string]string{
		"POST /v1/events  ":                          "401 key_missing",
		"POST /v1/events nobody ":                    "401 key_unknown",
		"POST /v1/events ops-key ":                   "403 forbidden",
		"GET /v1/events all-key ":                    "405 method_not_allowed",
		"POST /v1/events?x=1 all-key ":               "400 unknown_parameter",
		"POST //v1/events all-key ":                  "404 not_found",
		"GET /nowhere  ":                             "404 not_found",
		"POST /healthz  ":                            "405 method_not_allowed",
		"GET " + volume + "  ":                       "401 401000",
		"GET " + volume + " feed-key ":               "403 403000",
		"DELETE " + volume + " all-key ":             "405 405000",
		"GET /api/v3/livechat/reports/nope all-key ": "404 404000",
		"GET /v1/measures  ":                         "401 key_missing",
		"GET /v1/measures feed-key ":                 "403 forbidden",
		"GET /v1/measures?nope=1 all-key ":           "400 unknown_parameter",
		"POST /v1/rows all-key ":                     "405 method_not_allowed",
		"GET /v1/rows all-key ":                      "400 missing_parameter",
	} {
		f := strings.Split(request, " ")
		status, answer, header, err := p.request(f[0], f[1], f[2], "")
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Code any }
		if err := json.Unmarshal([]byte(answer), &body); err != nil {
			t.Errorf("%s: %s", request, answer)
		}
		if got := fmt.Sprint(status, " ", body.Code); got != want {
			t.Errorf("%s answers %s, want %s", request, got, want)
		}
		if _, ours := body.Code.(string); ours != (header.Get("Content-Type") == "application/problem+json") {
			t.Errorf("%s: content type %q", request, header.Get("Content-Type"))
		}
		if challenged := header.Get("WWW-Authenticate") != ""; challenged != (status == 401) {
			t.Errorf("%s: WWW-Authenticate is %q", request, header.Get("WWW-Authenticate"))
		}
		if status == 405 && header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", request)
		}
	}
	// What cannot be read of a query is not left out.
	for _, odd := range []string{"&timezone=%zz", "&timezone=Europe/Berlin;x=1", "&filterName=department&filterValue=%ff", "&%ff=1"} {
		if answer := p.must("GET", volume+odd, "all-key", "", 400); !strings.Contains(answer, `"code":400000`) {
			t.Errorf("%s: %s", odd, answer)
		}
	}
	large := "[" + strings.Repeat(" ", 5<<20) + requested("c") + "]"
	p.must("POST", "/v1/events", "all-key", large, 413)
	p.must("POST", "/v1/events", "all-key", strings.Repeat(" ", gateway.MaxBody+1), 413)
	p.must("POST", "/v1/events", "all-key", strings.Repeat(" ", 5<<20-len(requested("c")))+requested("c"), 202)
}

func TestWhatKeepsItFromStartingIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "--data", data, "--demo=false")
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"the directory is in use":            {[]string{"--data", data}, 1, "is in use by another process"},
		"the port is in use":                 {[]string{"--listen", strings.TrimPrefix(p.url, "http://")}, 1, "is in use; choose another address with --listen"},
		"the demo for everybody":             {[]string{"--listen", ":0"}, 2, "--listen :0 lets others in"},
		"a wrong flag":                       {[]string{"--prot"}, 2, "flag provided but not defined: -prot"},
		"no such tenants file":               {[]string{"--tenants", "nowhere.yaml"}, 1, "the tenants file nowhere.yaml cannot be read (no such file or directory); name another with --tenants FILE"},
		"a folder as tenants file":           {[]string{"--tenants", data}, 1, "cannot be read (is a directory)"},
		"a bad tenants file":                 {[]string{"--tenants", tenantsAt(t, "tenants:\n  - id: a\n    zone: X/Y\n")}, 1, `line 3: tenant "a": zone is "X/Y"`},
		"a tenant named as the demo":         {[]string{"--tenants", tenantsAt(t, "tenants:\n  - id: demo\n")}, 1, "--demo=false"},
		"a webhook named as one of the demo": {[]string{"--tenants", tenantsAt(t, "tenants:\n  - id: a\n    webhooks: [{id: demo-drift, provider: drift, token: t}]\n")}, 1, "--demo=false"},
		"a directory that is a file":         {[]string{"--data", binary}, 1, "not a directory; choose another directory with --data DIR"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(binary, append([]string{"--data", t.TempDir(), "--listen", "127.0.0.1:0"}, c.args...)...).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != c.code {
				t.Errorf("it ends with %v, want exit code %d", err, c.code)
			}
			if text := strings.TrimSpace(string(out)); !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
				t.Errorf("it says %q, want one line with %q", text, c.want)
			}
		})
	}
}

// What is named is looked at first: nothing is printed, opened or listened on.
func TestAMissingTenantsFileIsSaidFirst(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	out, err := exec.Command(binary, "--data", data, "--listen", "127.0.0.1:0", "--tenants", "nowhere.yaml").CombinedOutput()
	if text := string(out); err == nil || !strings.HasPrefix(text, "local: the tenants file nowhere.yaml cannot be read") || strings.Count(text, "\n") != 1 {
		t.Errorf("it ends with %v and says %q, want one line", err, out)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data directory was made")
	}
}
