package main

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// block is a block of lines to be typed.
var block = regexp.MustCompile("(?s)```\n(.*?)```")

// TestLinesOfTheDocumentationWork types what the quick start says, in its order, and then
// what the pages beside it say, on the demo.
func TestLinesOfTheDocumentationWork(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("needs curl: install curl")
	}
	p := start(t, "--data", t.TempDir())
	const folder = "../../shared/docs/"
	typed := 0
	script := func(text string) string {
		text = strings.ReplaceAll(text, "http://127.0.0.1:8080", p.url)
		return "set -e\n" + regexp.MustCompile(`(?m)^curl `).ReplaceAllString(text, curl+" -sSf ")
	}
	pages, err := filepath.Glob(folder + "*.md")
	if err != nil || len(pages) < 5 {
		t.Fatal(pages, err)
	}
	for _, page := range append([]string{folder + "QUICKSTART.md"}, pages...) {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(string(raw), -1) {
			if !strings.Contains(m[1], "curl ") {
				continue
			}
			typed++
			want := "" // of what it prints
			switch {
			case strings.Contains(m[1], "/v1/chats/4711"):
				want = `"measure":"chatRequests"`
			case strings.Contains(m[1], "/v1/rows"):
				want = `"total":`
			case strings.Contains(m[1], "chatVolume"):
				want = "chatRequests"
			}
			out, err := typeIn(script(m[1]), want)
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%s: %s\nprints %.500s, %v, and should print %s", page, m[1], out, err, want)
			}
		}
	}
	if typed < 10 {
		t.Errorf("the pages have only %d blocks to type", typed)
	}
}

// typeIn types a script until it prints what it should: at first a chat may not be counted yet.
func typeIn(script, want string) (out string, err error) {
	for range 20 {
		var raw []byte
		raw, err = exec.Command("sh", "-c", script).CombinedOutput()
		if out = string(raw); err == nil && strings.Contains(out, want) {
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
