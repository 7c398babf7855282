package dashboard_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chatreports/infra/trial"
	"chatreports/shared/counter"
	"chatreports/shared/verified"
	"chatreports/shared/verify"
)

// listed are the cells of a table of the page Data, line by line.
func listed(t *testing.T, s *trial.System, name string) (lines [][]string) {
	t.Helper()
	_, _, page := get(t, s, "/dashboard/data", "a secret")
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if id, _ := attribute(n, "id"); id != name+"-table" {
			continue
		}
		for row := range n.Descendants() {
			if row.Data != "tr" || row.Parent.Data != "tbody" {
				continue
			}
			var cells []string
			for c := range row.ChildNodes() {
				text := ""
				for d := range c.Descendants() {
					if d.Type == html.TextNode {
						text += d.Data
					}
				}
				cells = append(cells, text)
			}
			lines = append(lines, cells)
		}
	}
	return lines
}

const clock = "2 Jan 2006 15:04:05"

// TestHowFarItIsCountedIsTold compares what the page says with the header of a report, and with
// the log.
func TestHowFarItIsCountedIsTold(t *testing.T) {
	s := centre(t)
	_, header, _ := send(t, s, "GET", "/api/v3/livechat/reports/realtime/rightNow", http.Header{"Authorization": {"Bearer a secret"}}, "")
	until, err := time.Parse(time.RFC3339, header.Get("Counted-Until"))
	if err != nil {
		t.Fatal(err)
	}
	told := listed(t, s, "freshness")
	if len(told) != 1 || told[0][0] != until.Format(clock) || !strings.HasSuffix(told[0][1], " s") {
		t.Errorf("counted until %s, and the page says %q", until, told)
	}
	b, err := counter.LookBeyond(t.Context(), s.State, "acme")
	if err != nil || b.Last == b.Merged {
		t.Fatal(b, err)
	}
	if told = listed(t, s, "unmerged"); len(told) != 1 || told[0][0] != fmt.Sprint(b.Last-b.Merged) || told[0][2] != time.UnixMilli(b.Since).UTC().Format(clock) {
		t.Errorf("beyond what is merged there is %+v, and the page says %q", b, told)
	}
	if err := s.Merge(); err != nil {
		t.Fatal(err)
	}
	if told = listed(t, s, "unmerged"); len(told) != 0 {
		t.Errorf("all is merged, and the page says %q", told)
	}
}

// TestWhatVerifyFoundIsTold verifies, and verifies again when something is wrong.
func TestWhatVerifyFoundIsTold(t *testing.T) {
	s := centre(t)
	if _, _, page := get(t, s, "/dashboard/data", "a secret"); !strings.Contains(page, "Nobody has verified yet") {
		t.Error("nobody has verified, and the page does not say so")
	}
	run := func(from time.Time) *verified.Result {
		t.Helper()
		_, unkept, err := verify.RunAndKeep(t.Context(), s.Journal, s.State, verify.Options{Tenant: "acme", From: from, Tries: 1, Wait: time.Millisecond})
		if err != nil || unkept != nil {
			t.Fatal(err, unkept)
		}
		r, err := verified.Last(t.Context(), s.State, "acme")
		if err != nil || r == nil {
			t.Fatal(r, err)
		}
		return r
	}
	r := run(time.Time{})
	want := [][]string{{r.At.Format(clock), "all", thousands(r.Facts), thousands(r.Blocks), "none", "0"}}
	if told := listed(t, s, "verification"); fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("the page says %q, want %q", told, want)
	}
	if err := s.Forget(t.Context(), "acme/detail/2026-03-04"); err != nil {
		t.Fatal(err)
	}
	if err := s.Merge(); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context(), "acme/detail/2026-03-04"); err != nil {
		t.Fatal(err)
	}
	r = run(time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
	want = [][]string{{r.At.Format(clock), "from 2026-03-04 to before the last", thousands(r.Facts), thousands(r.Blocks), fmt.Sprintf("detail: %d", r.Differences["detail"]), "0"}}
	if told := listed(t, s, "verification"); fmt.Sprint(told) != fmt.Sprint(want) || r.Differences["detail"] == 0 {
		t.Errorf("the page says %q, want %q", told, want)
	}
	r.Behind, r.Differences = 1500, nil
	if err := verified.Keep(t.Context(), s.State, "acme", r); err != nil {
		t.Fatal(err)
	}
	want[0][4] = "none; 1\u202f500 chats, agents or visitors were behind and not compared"
	if told := listed(t, s, "verification"); fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("the page says %q, want %q", told, want)
	}
}

// thousands is a number as the page writes it.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d\u202f%03d", n/1000, n%1000)
}
