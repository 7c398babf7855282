package functions

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatreports/infra/runbook/insights"
)

// query is the one on a page of the runbook that has a word in it.
func query(t *testing.T, page, word string) *insights.Query {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../infra/runbook", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`--query-string '([^']*)'`).FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(found[1], word) {
			q, err := insights.Parse(strings.ReplaceAll(found[1], "TENANT", "acme"))
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
	}
	t.Fatalf("there is no query of %q on %s", word, page)
	return nil
}

// logged are lines of a stream as queries see them.
func logged(t *testing.T, stream, log string) (rows []insights.Row) {
	t.Helper()
	for line := range strings.Lines(log) {
		if row, err := insights.Line(stream, line); err == nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// reported is the line that Lambda adds to a call's.
const reported = `{"time":"2026-03-02T10:00:00.000Z","type":"platform.report","record":{"requestId":"r","metrics":{"durationMs":12.5,"billedDurationMs":13,"memorySizeMB":256,"maxMemoryUsedMB":40%s},"status":"success"}}` + "\n"

// patterns wants that some line has each member that a page's patterns of lines name.
func patterns(t *testing.T, lines []insights.Row) {
	t.Helper()
	pages, err := filepath.Glob("../infra/runbook/*.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range regexp.MustCompile(`--filter-pattern '(\{[^']*\})'`).FindAllStringSubmatch(string(text), -1) {
			for _, f := range regexp.MustCompile(`\$\.([\w.]+)`).FindAllStringSubmatch(pattern[1], -1) {
				n++
				if !slices.ContainsFunc(lines, func(l insights.Row) bool { _, has := l[f[1]]; return has }) {
					t.Errorf("%s: no line has %s", page, f[1])
				}
			}
		}
	}
	if n < 3 {
		t.Errorf("patterns name only %d members", n)
	}
}

// answer runs a query whose every field some line has.
func answer(t *testing.T, q *insights.Query, lines []insights.Row) string {
	t.Helper()
	for _, f := range q.Fields() {
		if !slices.ContainsFunc(lines, func(l insights.Row) bool { _, has := l[f]; return has }) {
			t.Errorf("no line has %s", f)
		}
	}
	return fmt.Sprint(q.Run(lines))
}

// The runbook's query of what a tenant's calls consumed, on what functions log.
func TestTheRunbooksQueryOfCallsIsAnswered(t *testing.T) {
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO")
	report := request("GET", "/api/v3/livechat/reports/chatVolume", "timeFrom=2026-01-01T00:00:00&timeTo=2026-01-02T00:00:00&timezone=UTC&group=day", "")
	stranger := request("GET", "/api/v3/livechat/reports/chatVolume", "", "")
	delete(stranger.Headers, "authorization")
	r := startFunction(t, filepath.Join(programs, "report"), env...)
	for _, call := range []any{report, stranger, report, "no event"} {
		r.call(call)
	}
	r.shut()
	var units, slowest float64
	for _, l := range lines(t, r.log()) {
		if l.Tenant != "" {
			units += l.ReadUnits
			slowest = max(slowest, float64(l.Milliseconds))
		}
	}
	if units == 0 {
		t.Fatalf("the calls consumed nothing: %s", r.log())
	}
	want := fmt.Sprintf("[map[FunctionName:f count(*):2 pct(milliseconds, 90):%v route:%s sum(ColdStarts):1 sum(ReadUnits):%v sum(WriteUnits):0]]", slowest, theRoute, units)
	const stream = "2026/03/02/chatreports-report[$LATEST]1"
	all := logged(t, stream, r.log())
	patterns(t, append(logged(t, stream, fmt.Sprintf(reported, "")), all...))
	if got := answer(t, query(t, "README.md", `"called"`), all); got != want {
		t.Errorf("it is answered by %s, want %s: %s", got, want, r.log())
	}
}

// The query of cold starts, on the lines that Lambda adds: of two processes of a function and one
// of another.
func TestTheRunbooksQueryOfColdStartsIsAnswered(t *testing.T) {
	warm, cold := fmt.Sprintf(reported, ""), func(ms int) string { return fmt.Sprintf(reported, fmt.Sprintf(`,"initDurationMs":%d`, ms)) }
	const other = `{"time":"2026-03-02T10:00:00.000Z","type":"platform.start","record":{"requestId":"r","version":"$LATEST"}}` + "\n"
	all := logged(t, "2026/03/02/chatreports-report[$LATEST]1a", other+cold(80)+warm+warm)
	all = append(all, logged(t, "2026/03/02/chatreports-report[7]2b", cold(90)+other+warm)...)
	all = append(all, logged(t, "2026/03/02/chatreports-fold[$LATEST]3c", cold(70)+warm)...)
	const want = "[map[count(*):2 count(record.metrics.initDurationMs):1 function:chatreports-fold pct(record.metrics.initDurationMs, 90):70] " +
		"map[count(*):5 count(record.metrics.initDurationMs):2 function:chatreports-report pct(record.metrics.initDurationMs, 90):90]]"
	if got := answer(t, query(t, "QUOTAS.md", "platform.report"), all); got != want {
		t.Errorf("it is answered by %s, want %s", got, want)
	}
}
