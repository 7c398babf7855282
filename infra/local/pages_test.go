package main

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// block is a block of lines to be typed.
var block = regexp.MustCompile("(?s)```\n(.*?)```")

// tour is the page that declares a tenant of one's own, which is what other pages ask with.
const tour = "../../README.md"

// prints is what blocks print that have something in them.
var prints = []struct{ has, want string }{
	{"order-311", `"avgAgentResponseTime":20,"avgWaitTime":40,"avgChatTime":560,`},
	{"order-311", `[{"chats":1,`},
	{"order-311", `"ratings":1,"avgScore":5,`},
	{"order-311", `"measure":"queueWaitTime","unit":"ms","at":"2026-03-09T09:00:00.000Z","n":1,"millis":39000,`},
	{"loadgen replay", "accepted"},
	{"Asia/Kathmandu", `"chatRequests":`},
	{"realtime/queue?names=true", `"name":"`},
	{"/v1/exports/conversations", "conversation_start"},
	{"/v1/chats/4711", `"measure":"chatRequests"`},
	{"/v1/chats/$CHAT", `"events":[{`},
	{"/v1/rows?report=chatVolume&measure=chatRequests", `"total":`},
	{"chatVolume", "chatRequests"},
}

// TestLinesOfTheDocumentationWork types what the tour and the quick start say, in their
// order, and then what the pages beside them say, on the demo and the tour's tenant.
func TestLinesOfTheDocumentationWork(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("needs curl: install curl")
	}
	declared := regexp.MustCompile("(?s)<<'END'\n(.*?)END\n").FindSubmatch(read(t, tour))
	p := start(t, "--data", t.TempDir(), "--tenants", tenantsAt(t, string(declared[1])))
	const folder = "../../shared/docs/"
	typed := 0
	script := func(text string) string {
		text = strings.ReplaceAll(text, "http://127.0.0.1:8080", p.url)
		return "set -e\ncd ../..\n" + regexp.MustCompile(`(?m)^curl `).ReplaceAllString(text, curl+" -sSf ")
	}
	pages, err := filepath.Glob(folder + "*.md")
	if err != nil || len(pages) < 5 {
		t.Fatal(pages, err)
	}
	for _, page := range append([]string{tour, folder + "../event/README.md", folder + "QUICKSTART.md"}, pages...) {
		for _, m := range block.FindAllStringSubmatch(string(read(t, page)), -1) {
			if !strings.Contains("\n"+m[1], "\ncurl ") {
				continue
			}
			typed++
			var want []string // of what it prints
			for _, p := range prints {
				if strings.Contains(m[1], p.has) {
					want = append(want, p.want)
				}
			}
			if out, err := typeIn(script(m[1]), want); err != nil || !holds(out, want) {
				t.Errorf("%s: %s\nprints %.5000s, %v, and should print %q", page, m[1], out, err, want)
			}
		}
	}
	if typed < 15 {
		t.Errorf("the pages have only %d blocks to type", typed)
	}
}

func read(t *testing.T, page string) []byte {
	t.Helper()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func holds(out string, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(out, w) })
}

// typeIn types a script until it prints what it should: at first a chat may not be counted yet.
func typeIn(script string, want []string) (out string, err error) {
	for range 20 {
		var raw []byte
		raw, err = exec.Command("sh", "-c", script).CombinedOutput()
		if out = string(raw); err == nil && holds(out, want) {
			return out, nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return out, err
}

// TestLinesOfTheDashboardWorkOnTheDemo pastes every line of every page into a shell, as it stands there.
func TestLinesOfTheDashboardWorkOnTheDemo(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("needs curl: install curl")
	}
	p := start(t, "--data", t.TempDir(), "--now", "2026-03-04T11:00:00Z")
	tags, link := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`href="(/dashboard/(?:rows|chat)\?[^"]*)"`)
	pasted := map[string]bool{}
	paste := func(page string) {
		for _, m := range regexp.MustCompile(`(?s)<pre><code>(curl .*?)</code>`).FindAllStringSubmatch(page, -1) {
			line := html.UnescapeString(tags.ReplaceAllString(strings.Replace(m[1], "<span data-origin></span>", p.url, 1), ""))
			if pasted[line] {
				continue
			}
			pasted[line] = true
			out, err := exec.Command("sh", "-c", strings.Replace(line, "curl ", curl+" -sSf ", 1)).CombinedOutput()
			if err != nil || len(out) == 0 || out[0] != '[' && out[0] != '{' {
				t.Errorf("%s\nprints %.300s, %v", line, out, err)
			}
		}
	}
	get := func(path string) string { return p.must("GET", path, "", "", 200) }
	home := get("/")
	for _, path := range regexp.MustCompile(`<a href="(/[^"?]*)\?range=[^"]*"`).FindAllStringSubmatch(home, -1) {
		paste(get(path[1] + "?range=last7"))
	}
	rows := get(html.UnescapeString(link.FindStringSubmatch(home)[1]))
	paste(rows)
	paste(get(html.UnescapeString(regexp.MustCompile(`href="(/dashboard/chat\?[^"]*)"`).FindStringSubmatch(rows)[1])))
	if len(pasted) < 40 {
		t.Errorf("the pages have only %d lines", len(pasted))
	}
}
