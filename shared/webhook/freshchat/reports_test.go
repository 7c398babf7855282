package freshchat_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	reports "chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/freshchat"
)

var write = flag.Bool("write", false, "write the page's table of what comes out otherwise; read every line of the change")

var (
	start = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	now   = start.AddDate(0, 0, 3)
	acme  = tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise}
)

// simulated is a long day of a contact centre whose agents stay in their groups.
func simulated() []event.Event {
	var list []event.Event
	for e := range sim.New(sim.Config{Seed: 11, Start: start, End: start.Add(20 * time.Hour), Agents: 12, Scale: 0.25}).Events() {
		if e.Type != "agent.updated" || e.At == start.UnixMilli() {
			list = append(list, e)
		}
	}
	return list
}

// announced are those events that name entities.
func announced(events []event.Event) []event.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool { return !strings.HasSuffix(e.Type, ".updated") })
}

// asPayloads is what the webhook makes of events that are told in Freshchat's words.
func asPayloads(t *testing.T, events []event.Event) (out []event.Event) {
	t.Helper()
	speaker, err := payload.As(tenant.Freshchat)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		said, err := speaker.Say(&events[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range said {
			told, err := freshchat.Provider{}.Events(&webhook.Delivery{Method: http.MethodPost, Body: body, Arrived: now, Clock: now})
			if err != nil || len(told.Refused) > 0 {
				t.Fatalf("%s\n%+v, %v", body, told, err)
			}
			out = append(out, told.Events...)
		}
	}
	return out
}

// row is a row's cells by the names of their columns.
type row map[string]string

// rows are those of every report of a tenant in which the events happened.
func rows(t *testing.T, events []event.Event) map[string][]row {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{Tenant: acme})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
	hours, err := dialect.BusinessHours(&acme)
	if err != nil {
		t.Fatal(err)
	}
	source, err := (&extract.Ground{Journal: s.Journal, State: s.State, Dir: t.TempDir()}).Open(t.Context(),
		&extract.Window{Tenant: &acme, From: math.MinInt64, To: math.MaxInt64, Now: now.UnixMilli(), Hours: hours})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]row{}
	for _, report := range reports.Reports() {
		sheet := source.Run(&report, nil)
		for cells, err := range sheet.Rows {
			if err != nil {
				t.Fatal(err)
			}
			r := row{}
			for i, c := range sheet.Columns {
				r[c.Name] = cells[i]
			}
			out[report.Name] = append(out[report.Name], r)
		}
	}
	if err := source.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// without are the cells of a row but for some, as one text.
func (r row) without(columns []string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if !slices.Contains(columns, name) {
			fmt.Fprintf(&b, "%s=%q ", name, r[name])
		}
	}
	return b.String()
}

// texts are rows without some columns, in the order of the text.
func texts(list []row, without []string) []string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, r.without(without))
	}
	slices.Sort(out)
	return out
}

// agree compares rows that came another way with the original ones. Columns that are lost
// on the way differ in some row, all others in none.
func agree(t *testing.T, report string, original, came []row, lost []string) {
	t.Helper()
	want, got := texts(original, lost), texts(came, lost)
	if len(want) < 30 {
		t.Errorf("%s: there are only %d rows", report, len(want))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d rows, want %d%s", report, len(got), len(want), firstDifference(got, want))
		return
	}
	for _, name := range lost {
		others := slices.DeleteFunc(slices.Clone(lost), func(s string) bool { return s == name })
		if slices.Equal(texts(original, others), texts(came, others)) {
			t.Errorf("%s: %s is nowhere lost", report, name)
		}
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return "\n" + got[i] + "\nwant\n" + want[i]
		}
	}
	return ""
}

// onPage compares a part of a page, the table of what is lost in each report, with what a
// test knows, or writes it.
func onPage(t *testing.T, page, part string, lost map[string][]string) {
	t.Helper()
	text := "| report | |\n|---|---|\n"
	for _, r := range reports.Reports() {
		columns, ok := lost[r.Name]
		said := "all but `" + strings.Join(columns, "`, `") + "`"
		switch {
		case !ok:
			said = "no rows"
		case len(columns) == 0:
			said = "all columns"
		}
		text += "| " + r.Name + " | " + said + " |\n"
	}
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := []byte("<!-- "+part+", made by reports_test.go -->\n"), []byte("<!-- end of "+part+" -->")
	from, to := bytes.Index(old, begin), bytes.Index(old, end)
	if from < 0 || to < from {
		t.Fatalf("%s has no place for %s", page, part)
	}
	fresh := slices.Concat(old[:from+len(begin)], []byte("\n"+text+"\n"), old[to:])
	switch {
	case bytes.Equal(old, fresh):
	case *write:
		if err := os.WriteFile(page, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what this test knows: go test ./shared/webhook/freshchat -run %s -write", page, t.Name())
	}
}

// The columns of each report that payloads do not tell. Of other reports they tell nothing.
var notInPayloads = map[string][]string{
	"Conversation-Created":        {"actor_type", "group_id", "group_name", "is_conv_offline", "reopen_cause"},
	"Message-Sent":                {"actor_name", "actor_sub_type"},
	"Conversation-Resolved":       {"actor_name", "agent_id", "agent_name"},
	"First-Response-Time":         {},
	"Response-Time":               {"agent_id", "agent_name"},
	"Resolution-Time":             {"actor_name", "actor_sub_type", "agent_id", "agent_name"},
	"Conversation-Agent-Assigned": {"actor_sub_type"},
	"Conversation-Group-Assigned": {"actor_name", "actor_sub_type"},
}

// A simulated day gives the same reports, whether it is told in our events or in
// Freshchat's payloads, but for what these do not tell. Agents, groups and channels are
// announced in our events in both.
func TestPayloadsGiveTheReportsThatEventsGive(t *testing.T) {
	events := simulated()
	own := rows(t, events)
	came := rows(t, append(announced(events), asPayloads(t, events)...))
	told, implied := begunByMessage(own["Message-Sent"]), map[string]bool{}
	for chat, groups := range assignments(events) {
		implied[chat] = groups.implied
		if groups.tied { // whose order nobody tells
			delete(told, chat)
		}
	}
	if all := len(own["Conversation-Created"]); len(told)*10 < all*6 {
		t.Errorf("only %d of some %d conversations begin with a message of the user", len(told), all)
	}
	for _, report := range reports.Reports() {
		lost, ok := notInPayloads[report.Name]
		if !ok {
			if n := len(came[report.Name]); n > 0 {
				t.Errorf("%s has %d rows, of which payloads tell nothing", report.Name, n)
			}
			continue
		}
		for _, side := range []map[string][]row{own, came} {
			list := slices.DeleteFunc(side[report.Name], func(r row) bool { return !told[r["conversation_id"]] })
			switch report.Name {
			case "Conversation-Agent-Assigned":
				list = changes(list, "agent_id")
			case "Conversation-Group-Assigned":
				list = changes(slices.DeleteFunc(list, func(r row) bool { return implied[r["conversation_id"]] }), "group_id")
			}
			side[report.Name] = list
		}
		agree(t, report.Name, own[report.Name], came[report.Name], lost)
	}
	onPage(t, "../README.md", "what comes of payloads", notInPayloads)
}

// imported are the events that rows of raw reports become.
func imported(t *testing.T, told map[string][]row, names ...string) (out []event.Event) {
	t.Helper()
	for _, name := range names {
		columns := slices.Sorted(maps.Keys(told[name][0]))
		report, err := freshchat.NewRawReport(columns)
		if err != nil || report.Name() != name {
			t.Fatalf("%s is taken for %v, %v", name, report, err)
		}
		for _, r := range told[name] {
			var cells []string
			for _, column := range columns {
				cells = append(cells, r[column])
			}
			said, err := report.Events(cells, now)
			if err != nil || len(said.Refused) > 0 {
				t.Fatalf("%s %v: %+v, %v", name, r, said, err)
			}
			out = append(out, said.Events...)
		}
	}
	return out
}

// The columns of each report that do not come back when five of them are imported. Of other
// reports nothing comes back.
var notInRows = map[string][]string{
	"Conversation-Created":          {"group_id", "group_name"},
	"Message-Sent":                  {"group_id", "group_name"},
	"Conversation-Resolved":         {"actor_belongs_to_group"},
	"Conversation-Resolution-Label": {"actor_belongs_to_group"},
	"CSAT-Score":                    {"actor_belongs_to_group"},
	"First-Response-Time":           {"actor_belongs_to_group", "agent_id", "agent_name", "group_id", "group_name"},
	"Response-Time":                 {"actor_belongs_to_group"},
	"Resolution-Time":               {"actor_belongs_to_group", "actor_sub_type"},
}

// Reports of ours, imported where there is nothing, give the same reports again, but for
// what their rows do not tell.
func TestRowsGiveTheReportsTheyAreOf(t *testing.T) {
	own := rows(t, simulated())
	came := rows(t, imported(t, own, "Conversation-Created", "Message-Sent", "Conversation-Resolved", "CSAT-Score", "Conversation-Resolution-Label"))
	for _, report := range reports.Reports() {
		if lost, ok := notInRows[report.Name]; ok {
			agree(t, report.Name, own[report.Name], came[report.Name], lost)
		} else if n := len(came[report.Name]); n > 0 {
			t.Errorf("%s has %d rows, of which rows tell nothing", report.Name, n)
		}
	}
	onPage(t, "../../../infra/import/README.md", "what comes of rows", notInRows)
}

// begunByMessage are the conversations in whose first interaction the user wrote: of others
// no payload tells when they began.
func begunByMessage(messages []row) map[string]bool {
	out := map[string]bool{}
	for _, r := range messages {
		if r["actor_type"] == "USER" && r["reopened"] == "false" {
			out[r["conversation_id"]] = true
		}
	}
	return out
}

// changes are rows but for those that say the same of a conversation as the one before:
// payloads tell only what changed.
func changes(list []row, column string) (out []row) {
	last := map[string]string{}
	for _, r := range list { // in order of time
		if chat := r["conversation_id"]; last[chat] != r[column] {
			last[chat] = r[column]
			out = append(out, r)
		}
	}
	return out
}

// assigned is what is odd about a chat's assignments: two in one millisecond; an agent's
// without a group when there was none, which is to the agent's own group: payloads tell that
// as an assignment to the group.
type assigned struct {
	tied, implied bool
	last          int64
	group         string
}

func assignments(events []event.Event) map[string]*assigned {
	out := map[string]*assigned{}
	for i := range events {
		e := &events[i]
		d := &e.Data
		switch e.Type {
		case "chat.assigned", "chat.accepted", "chat.transferred":
		default:
			continue
		}
		a := out[e.Subject]
		if a == nil {
			a = &assigned{}
			out[e.Subject] = a
		}
		a.tied = a.tied || a.last == e.At
		a.last = e.At
		a.group = cmp.Or(d.GroupID, d.DepartmentID, d.ToDepartmentID, a.group)
		a.implied = a.implied || a.group == ""
	}
	return out
}
