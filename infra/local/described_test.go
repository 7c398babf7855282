package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNothingIsAnsweredThatIsNotDescribed has schemathesis ask a running system for all that
// its OpenAPI document describes, and for much that it rules out. No answer may be an error of
// ours, and every one is described: its status, its content type, its schema.
//
// It asks one question after another: with two at a time, Python's parser sometimes fails in
// what it uses ("AST constructor recursion depth mismatch").
//
// What a document cannot say, such as that one parameter goes with another, is refused: so
// that is the one check that is left out.
func TestNothingIsAnsweredThatIsNotDescribed(t *testing.T) {
	program := os.Getenv("CHATREPORTS_SCHEMATHESIS")
	if program == "" {
		t.Skip("CHATREPORTS_SCHEMATHESIS names no schemathesis, which .ci/run installs: CHATREPORTS_SCHEMATHESIS=…/bin/schemathesis go test ./infra/local")
	}
	t.Parallel()
	const now = "2026-11-08T15:20:00Z" // when the document's examples are of last week
	p := start(t, "--now", now, "--data", t.TempDir())
	dir := t.TempDir()
	config := filepath.Join(dir, "schemathesis.toml")
	if err := os.WriteFile(config, []byte(p.known()), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := exec.CommandContext(t.Context(), program, "--config-file", config, "run", p.url+"/openapi.json",
		"--header", "Authorization: Bearer "+demoSecret, "--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--generation-deterministic",
		"--exclude-checks", "positive_data_acceptance", "--max-redirects", "0", "--workers", "1", "--continue-on-failure", "--no-shrink", "--no-color")
	ask.Dir = dir
	out, err := ask.CombinedOutput()
	asked := regexp.MustCompile(`(\d+) generated, (\d+) passed`).FindStringSubmatch(string(out))
	if err != nil || asked == nil || asked[1] != asked[2] || len(asked[1]) < 4 {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s requests", asked[1])
}

// known names what there is in the demo, for the paths in which something is named.
func (p *process) known() string {
	ask := func(method, target string, told any) {
		p.t.Helper()
		r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+target, http.NoBody)
		if err != nil {
			p.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+demoSecret)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			p.t.Fatal(err)
		}
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		if err == nil {
			err = json.Unmarshal(raw, told)
		}
		if err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, target, err, raw)
		}
	}
	var chats struct{ Rows []struct{ ID string } }
	ask("GET", "/v1/rows?report=chatVolume&group=total&timeFrom=2026-11-01T00:00:00&timeTo=2026-11-08T00:00:00&measure=chats&limit=1", &chats)
	var link, other struct{ ID, Token string }
	ask("POST", "/v1/exports/agents/links", &link)
	ask("POST", "/v1/exports/agents/links", &other)
	var text strings.Builder
	for _, of := range [][3]string{
		{"/v1/chats/{id}", "id", chats.Rows[0].ID}, {"/public/{token}", "token", link.Token}, {"/v1/exports/links/{link}", "link", other.ID}, {"/v1/webhooks/{id}", "id", "demo-drift"},
	} {
		fmt.Fprintf(&text, "[[operations]]\ninclude-path = %q\nparameters = {%q = %q}\n", of[0], "path."+of[1], of[2])
	}
	return text.String()
}
