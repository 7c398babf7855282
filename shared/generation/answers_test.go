package generation_test

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

// ask is the complete answer to a report.
func (w *world) ask(report, group string) string {
	t := w.t
	t.Helper()
	who := &tenant.Tenant{ID: acme, Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	q := url.Values{"timeFrom": {"2026-03-01T00:00:00"}, "timeTo": {"2026-03-03T00:00:00"}}
	q.Set("group", group)
	a, err := comm100.New(w.journal, w.state).Answer(context.Background(), &dialect.Request{Tenant: who, Path: comm100.Prefix + report, Query: q, Now: end})
	if err != nil {
		t.Error(err)
		return ""
	}
	raw, err := a.Bytes()
	if err != nil {
		t.Error(err)
	}
	return string(raw)
}

var total = regexp.MustCompile(`"chatRequests":(\d+)`)

// chats is how many chats a report says were requested.
func (w *world) chats() int64 {
	text := w.ask("chatVolume", "total")
	m := total.FindStringSubmatch(text)
	if m == nil {
		w.t.Errorf("no total in %s", text)
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

// watch asks again and again until ctx ends: each answer has all that was folded before it was
// asked and nothing that was not appended when it came, by one version or the other.
func (w *world) watch(ctx context.Context) (asked int) {
	for ; ctx.Err() == nil; asked++ {
		least := w.folded.Load()
		n := w.chats()
		most := w.appended.Load()
		if !(least <= n && n <= most) && !(least*times <= n && n <= most*times) {
			w.t.Errorf("a report says %d chats, where %d were folded and %d appended", n, least, most)
		}
	}
	return asked
}

// verified wants that all was compared, and no difference.
func (w *world) verified(r verify.Report, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	if len(r.Differences) > 0 || r.Behind > 0 || r.Facts == 0 || r.Blocks == 0 {
		var b strings.Builder
		r.Differences = r.Differences[:min(10, len(r.Differences))]
		_, _ = r.Print(&b)
		w.t.Fatalf("%s", b.String())
	}
}
