package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// problem is what axe says against a page.
type problem struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// TestPagesCanBeUsedByEverybody has axe look at every page, wide and narrow, light and dark.
// CHATREPORTS_AXE names axe's script; CHATREPORTS_SCREENSHOTS a folder, where each page is
// then left as a picture.
func TestPagesCanBeUsedByEverybody(t *testing.T) {
	ctx := start(t)
	file := os.Getenv("CHATREPORTS_AXE")
	if file == "" {
		t.Skip("CHATREPORTS_AXE names no axe.min.js, which .ci/run installs")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, 64*time.Hour)
	look := func(scheme string, width int64, path string) { inspect(ctx, t, s, string(axe), scheme, width, path) }
	look("light", 1280, "/dashboard/sign-in")
	look("dark", 390, "/dashboard/sign-in")
	signIn(ctx, t, s)
	paths := pages(ctx, t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			for _, path := range paths {
				look(scheme, width, path)
			}
		}
	}
}

// pages are those of the menu, some with a comparison, one of them sorted, rows, a chat, and a mistake.
func pages(ctx context.Context, t *testing.T) []string {
	t.Helper()
	paths := js[[]string](ctx, t, `[...document.querySelectorAll('nav a')].map((a) => a.getAttribute('href').split('?')[0])`)
	if len(paths) < 8 {
		t.Errorf("the menu has only %s", paths)
	}
	rows := js[string](ctx, t, `document.querySelector("`+chats+`").getAttribute('href')`)
	do(ctx, t, "rows", click(chats))
	until(ctx, t, `document.getElementById('rows-table')`)
	chat := js[string](ctx, t, `document.querySelector("#rows-table a[href^='/dashboard/chat']").getAttribute('href')`)
	return append(paths, "/?range=yesterday&compare=previous", "/dashboard/departments?compare=previous&sort=-avgScore", rows, chat, "/?zone=nowhere", "/?compare=lastYear&within=60&range=last7", "/docs", "/docs/quick-start", "/docs/comm100", "/docs/measures", "/docs/verify", "/docs/runbook", "/docs/cost", "/docs/search?q=retracted")
}

// load is what a page loaded, as it travels, and after how many milliseconds it was there.
type load struct {
	Bytes, Requests int
	Paint, Loaded   float64
}

// What a page may load.
const (
	mostBytes    = 100_000
	mostRequests = 6
)

// inspect looks at one page.
func inspect(ctx context.Context, t *testing.T, s *site, axe, scheme string, width int64, path string) {
	t.Helper()
	do(ctx, t, path, look(width, scheme), chromedp.Navigate(s.url+path))
	until(ctx, t, "true")
	js[chromedp.Void](ctx, t, axe)
	name := fmt.Sprintf("%s, %d wide, %s", path, width, scheme)
	if js[bool](ctx, t, `document.documentElement.scrollWidth > innerWidth + 1`) {
		t.Errorf("%s is wider than the window", name)
	}
	found := tell(ctx, t, "axe", chromedp.Evaluate[[]problem](`axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => ({ ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map((n) => ({ HTML: n.html, FailureSummary: n.failureSummary })) })))`, chromedp.EvalAwaitPromise))
	for _, p := range found {
		t.Errorf("%s: %s (%s): %s: %.600s", name, p.ID, p.Impact, p.Help, fmt.Sprint(p.Nodes))
	}
	told := js[load](ctx, t, `(() => { const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource').filter((e) => !e.name.includes('/dashboard/live'))];
		return { Bytes: all.reduce((sum, e) => sum + e.encodedBodySize, 0), Requests: all.length, Paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, Loaded: performance.getEntriesByType('navigation')[0].loadEventEnd }; })()`)
	t.Logf("%s: %d bytes, %d requests, painted after %.0f ms, loaded after %.0f ms", name, told.Bytes, told.Requests, told.Paint, told.Loaded)
	if told.Bytes == 0 || told.Bytes > mostBytes || told.Requests > mostRequests {
		t.Errorf("%s loads %d bytes in %d requests; it should be no more than %d in %d", name, told.Bytes, told.Requests, mostBytes, mostRequests)
	}
	if dir := os.Getenv("CHATREPORTS_SCREENSHOTS"); dir != "" {
		picture := tell(ctx, t, path, chromedp.FullScreenshot(100))
		file := strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace("page-" + strings.Trim(path, "/"))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%.40s-%d-%s.png", file, width, scheme)), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
