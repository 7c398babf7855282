package dashboard_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chatreports/shared/event"
)

// TestThePageOfAChatTellsWhatHappened has a chat of which one event was taken back, and looks how
// its page tells what happened, in a zone.
func TestThePageOfAChatTellsWhatHappened(t *testing.T) {
	s := centre(t)
	var events []event.Event
	for i, text := range []string{
		`"type":"department.updated","subject":"support","data":{"name":"Support"}`,
		`"type":"channel.updated","subject":"web","data":{"name":"Web chat"}`,
		`"type":"agent.updated","subject":"7","data":{"firstName":"Anna","lastName":"Weber"}`,
		`"type":"chat.requested","subject":"c","data":{"visitorId":"v","visitorName":"Kim <k>","initiatedBy":"visitor","source":"visitor","departmentId":"support","channelId":"web"}`,
		`"type":"chat.queued","subject":"c","data":{"routeTo":{"type":"department","id":"support"}}`,
		`"type":"chat.accepted","subject":"c","data":{"agentId":"7","departmentId":"support"}`,
		`"type":"message.sent","subject":"c","data":{"messageId":"m","actor":{"type":"user","id":"v"},"length":12}`,
		`"type":"chat.tagged","subject":"c","data":{"tag":"mistake"}`,
		`"type":"conversion.recorded","subject":"v","data":{"actionId":"purchase","value":5,"chatId":"c"}`,
		`"type":"chat.labelled","subject":"c","data":{"categoryId":"order","categoryName":"Order","by":"auto"}`,
		`"type":"chat.closed","subject":"c","data":{"by":{"type":"agent","id":"7"}}`,
		`"type":"chat.rated","subject":"c","data":{"score":4,"comment":"Quick \"and\" friendly","issueResolved":true}`,
		`"type":"event.retracted","subject":"c","data":{"type":"chat.tagged","id":"t7"}`,
	} {
		at := now.Add(time.Duration(i)*30*time.Second - time.Hour).Format(time.RFC3339)
		e, _, refused := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"t%d","source":"test","time":%q,%s}`, i, at, text), now)
		if refused != nil {
			t.Fatal(refused)
		}
		events = append(events, e)
	}
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
	status, _, page := get(t, s, "/dashboard/chat?id=c&zone=Asia/Tokyo", "a secret")
	if status != http.StatusOK {
		t.Fatal(status, page)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for n := range root.Descendants() {
		if n.Data != "tr" || n.Parent.Data != "tbody" || !slices.ContainsFunc(slices.Collect(n.Ancestors()), func(a *html.Node) bool { id, _ := attribute(a, "id"); return id == "events-table" }) {
			continue
		}
		text, summary := strings.Join(strings.Fields(inner(n)), " "), ""
		for d := range n.Descendants() {
			if d.Data == "details" {
				if _, open := attribute(d, "open"); open {
					t.Error("what an event was sent as is open")
				}
				summary = strings.Join(strings.Fields(inner(d)), " ")
			}
		}
		line, json, ok := strings.Cut(text, summary)
		if _, out := attribute(n, "class"); out {
			line = "(" + line + ")"
		}
		if told = append(told, line); !ok || json != "" || !strings.Contains(summary, `"source": "test"`) {
			t.Errorf("%s is followed by %q", line, summary)
		}
	}
	want := []string{
		"2026-03-05 23:21:30.000Kim <k> visitor asked for a chat with Support, through Web chat",
		"2026-03-05 23:22:00.000+ 30 sKim <k> visitor began to wait for Support",
		"2026-03-05 23:22:30.000+ 30 sAnna Weber agent took the chat up, in Support, after a wait of 1 m 00 s",
		"2026-03-05 23:23:00.000+ 30 sKim <k> visitor wrote a message of 12 characters",
		"(2026-03-05 23:23:30.000 tagged mistake It counts nowhere: it was taken back, or its id had been used.)",
		"2026-03-05 23:24:00.000+ 1 m 00 sKim <k> visitor reached purchase, worth 5",
		"2026-03-05 23:24:30.000+ 30 sa rule labelled it Order",
		"2026-03-05 23:25:00.000+ 30 sAnna Weber agent closed the chat",
		`2026-03-05 23:25:30.000+ 30 sKim <k> visitor rated it 4 of 5, solved Quick "and" friendly`,
	}
	if !slices.Equal(told, want) {
		t.Errorf("it is told as\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}
