package reports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

var (
	acme = &tenant.Tenant{ID: "acme", Zone: "Europe/Berlin", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	now  = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	// friday is a day in Berlin.
	friday = time.Date(2026, 11, 26, 23, 0, 0, 0, time.UTC)
)

// system stores and folds events.
type system struct {
	t              *testing.T
	journal, state table.Table
}

func newSystem(t *testing.T) *system {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &system{t, db.Table("journal"), table.Divide(db.Table("state"))}
}

func (s *system) take(typ, subject string, at time.Time, data string) {
	s.t.Helper()
	text := fmt.Sprintf(`{"specversion": "1.0", "type": %q, "source": "/test", "id": "%s-%s-%d", "subject": %q, "time": %q, "data": %s}`,
		typ, typ, subject, at.UnixMilli(), subject, at.UTC().Format(time.RFC3339Nano), data)
	e, _, refused := event.Parse([]byte(text), now)
	if refused != nil {
		s.t.Fatal(text, refused)
	}
	outcomes, err := journal.New(s.journal).Append(s.t.Context(), "acme", []event.Event{e}, now)
	if err != nil {
		s.t.Fatal(outcomes, err)
	}
	var items []table.Item
	for item, err := range s.journal.Scan(s.t.Context(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		items = append(items, item)
	}
	if _, err := fold.New(s.journal, s.state, func() time.Time { return now }).Apply(s.t.Context(), items); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) make(name, format string, parameters map[string]string) (rows int64, body string) {
	s.t.Helper()
	r := reports.All(s.state, s.journal)[name]
	declared := &tenant.Schedule{ID: "s", Report: name, Rate: "1 day", Format: format, Parameters: parameters}
	if err := schedule.Check(reports.All(nil, nil), acme, declared); err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	rows, err := r.Write(s.t.Context(), &out, &schedule.Asked{
		Tenant: acme, Parameters: parameters, Format: format, From: friday.UnixMilli(), To: friday.Add(24 * time.Hour).UnixMilli(), Now: now,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rows, out.String()
}

// What is delivered is what the dialect answers for the period, in each of its formats; and
// so many rows as it is said to have.
func TestWhatIsDeliveredIsWhatIsAnswered(t *testing.T) {
	s := newSystem(t)
	for i, page := range []string{"https://a.example/", `https://b.example/?q="x,y"`, "https://c.example/\nnext", "https://a.example/"} {
		chat := fmt.Sprintf("c%d", i)
		s.take("chat.requested", chat, friday.Add(time.Duration(i)*time.Hour), fmt.Sprintf(`{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v", "pageUrl": %q}`, page))
		s.take("chat.accepted", chat, friday.Add(time.Duration(i)*time.Hour+time.Minute), `{"agentId": "7"}`)
		s.take("bot.interaction", chat, friday.Add(time.Duration(i)*time.Hour), `{"storyId": "s", "source": "widget", "interactionId": "i"}`)
	}
	s.take("chat.requested", "before", friday.Add(-time.Millisecond), `{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v"}`)
	s.take("chat.requested", "after", friday.Add(24*time.Hour), `{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v"}`)
	day := url.Values{"timeFrom": {"2026-11-27T00:00:00"}, "timeTo": {"2026-11-28T00:00:00"}, "timezone": {"Europe/Berlin"}}
	instants := url.Values{"from": {"2026-11-26T23:00:00Z"}, "to": {"2026-11-27T23:00:00Z"}}
	const all = `{"metrics": ["createdAt", "numBotMessages"], "filters": [{"property": "lastAgentId", "operation": "NOT_HAS_PROPERTY"}]}`
	for _, c := range []struct {
		name       string
		api        dialect.API
		path       string
		parameters map[string]string
		query      url.Values
		body       string
		csv, json  int64
	}{
		{"comm100/chatVolume", comm100.New(nil, s.state), comm100.Prefix + "chatVolume", map[string]string{"group": "hour"}, day, "", 24, 24},
		{"comm100/chatSource/requestPage", comm100.New(nil, s.state), comm100.Prefix + "chatSource/requestPage", nil, day, "", 3, 3},
		{"comm100/realtime/rightNow", comm100.New(nil, s.state), comm100.Prefix + "realtime/rightNow", nil, nil, "", 1, 1},
		{"chatbot/conversations", chatbot.New(s.state), chatbot.Prefix + "conversations", map[string]string{"dimension": "hour", "source": "widget,app"}, instants, "", 24, 24},
		{"chatbot/busiest-period", chatbot.New(s.state), chatbot.Prefix + "busiest-period", map[string]string{"offset": "60"}, instants, "", 168, 7},
		{"chatbot/interactions", chatbot.New(s.state), chatbot.Prefix + "interactions", nil, instants, "", 1, 1},
		{
			"drift/conversations", drift.New(nil, s.state, time.Now), drift.Path,
			map[string]string{"query": all},
			nil,
			`{"metrics": ["createdAt", "numBotMessages"], "filters": [{"property": "lastAgentId", "operation": "NOT_HAS_PROPERTY"},
				{"property": "createdAt", "operation": "BETWEEN", "values": [1795734000000, 1795820399999]}]}`, 4, 4,
		},
	} {
		for format, want := range map[string]int64{"csv": c.csv, "json": c.json} {
			rows, body := s.make(c.name, format, c.parameters)
			q := url.Values{"format": {format}}
			maps.Copy(q, c.query)
			for name, value := range c.parameters {
				if name != "query" {
					q.Set(name, value)
				}
			}
			a, err := c.api.Answer(t.Context(), &dialect.Request{Tenant: acme, Path: c.path, Query: q, Body: []byte(c.body), Now: now})
			if err != nil {
				t.Fatal(err)
			}
			answered, err := a.Bytes()
			if err != nil || body != string(answered) {
				t.Errorf("%s is delivered as\n%s, and answered as\n%s, %v", c.name, body, answered, err)
			}
			if rows != want || format == "csv" && rows != linesOf(t, answered) {
				t.Errorf("%s as %s is said to have %d rows, want %d: %s", c.name, format, rows, want, body)
			}
		}
	}
}

// linesOf are the lines of CSV without the header.
func linesOf(t *testing.T, raw []byte) int64 {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return int64(len(lines) - 1)
}

// Every report of every dialect can be delivered, in each of its formats.
func TestEveryReportCanBeMade(t *testing.T) {
	s := newSystem(t)
	s.take("chat.requested", "c1", friday.Add(time.Hour), `{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v"}`)
	want := []string{"drift/conversations"}
	groups := map[string][]string{}
	for _, r := range comm100.Reports() {
		want = append(want, "comm100/"+r.Path)
		groups["comm100/"+r.Path] = r.Groups
	}
	for _, path := range chatbot.Paths() {
		want = append(want, "chatbot/"+strings.TrimPrefix(path, chatbot.Prefix))
	}
	for _, r := range freshchat.Reports() {
		want = append(want, "freshchat/"+r.Name)
	}
	for _, r := range conversation24.Reports() {
		want = append(want, "conversation24/"+r.Name)
	}
	slices.Sort(want)
	all := reports.All(s.state, s.journal)
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	for _, name := range want {
		parameters := map[string]string{}
		if g := groups[name]; len(g) > 0 {
			parameters["group"] = g[0]
		}
		if name == "drift/conversations" {
			parameters["query"] = "{}"
		}
		for _, format := range all[name].Formats {
			rows, body := s.make(name, format, parameters)
			if body == "" && format != "jsonl" || format == "json" && !json.Valid([]byte(body)) || format == "csv" && rows != linesOf(t, []byte(body)) {
				t.Errorf("%s as %s has %d rows: %q", name, format, rows, body)
			}
		}
	}
}
