package freshchat_test

import (
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

// Rows, counted or added up, are what the counters say of the same range: of requests,
// messages, responses and statuses. Of interactions, labels and toggles there are no
// counters.
func TestRowsAndCountersAgree(t *testing.T) {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	now := start.AddDate(0, 0, 4)
	who := tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "Europe/Berlin", Edition: tenant.Enterprise}}
	s, err := trial.Open(t.TempDir(), now, who)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	days := 3
	if testing.Short() {
		days = 1
	}
	if err := s.Send(simulated(start, days)); err != nil {
		t.Fatal(err)
	}
	a := &agreement{t: t, System: s, tenant: &who.Tenant, now: now}
	for _, r := range [][2]time.Time{{start, now}, {start, start.AddDate(0, 0, 1)}, {start.Add(9*time.Hour + 1234*time.Second), start.Add(34*time.Hour + time.Second)}} {
		a.requests(r[0], r[1])
		a.statuses(r[0], r[1])
	}
	a.messages()
	a.responses()
}

// simulated is some days of a centre, to the second; at the end all chats are closed.
func simulated(start time.Time, days int) []event.Event {
	var list []event.Event
	open := map[string]bool{}
	end := start.AddDate(0, 0, days)
	for e := range sim.New(sim.Config{Seed: 5, Start: start, End: end, Agents: 12, Scale: 0.2}).Events() {
		e.At -= e.At % 1000
		list = append(list, e)
		switch e.Type {
		case "chat.requested", "chat.reopened":
			open[e.Subject] = true
		case "chat.closed":
			delete(open, e.Subject)
		}
	}
	for id := range open {
		list = append(list, event.Event{ID: "end-" + id, Source: "sim", Type: "chat.closed", Subject: id, At: end.UnixMilli(), Data: event.Data{By: &event.Actor{Type: "system", ID: "s"}}})
	}
	return list
}

// agreement compares rows with counters.
type agreement struct {
	t *testing.T
	*trial.System
	tenant *tenant.Tenant
	now    time.Time
}

// rows are those of a report, told from the journal: a cell by its column's name.
func (a *agreement) rows(name string, from, to int64) (out []map[string]string) {
	a.t.Helper()
	hours, err := dialect.BusinessHours(a.tenant)
	if err != nil {
		a.t.Fatal(err)
	}
	w := &extract.Window{Tenant: a.tenant, From: from, To: to, Now: a.now.UnixMilli(), Hours: hours}
	source, err := (&extract.Ground{Journal: a.Journal, State: a.State, Dir: a.t.TempDir()}).Open(a.t.Context(), w)
	if err != nil {
		a.t.Fatal(err)
	}
	reports := freshchat.Reports()
	sheet := source.Run(&reports[slices.IndexFunc(reports, func(r extract.Report) bool { return r.Name == name })], nil)
	for cells, err := range sheet.Rows {
		if err != nil {
			a.t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range sheet.Columns {
			row[c.Name] = cells[i]
		}
		out = append(out, row)
	}
	if err := source.Err(); err != nil {
		a.t.Fatal(err)
	}
	return out
}

// counted is a measure of a range, by the values of a dimension.
func (a *agreement) counted(id measure.ID, by measure.Dim, from, to int64) func(entity string) *report.Total {
	a.t.Helper()
	snapshot, err := report.Open(a.t.Context(), a.State, a.tenant.ID, a.now, "agent")
	if err != nil {
		a.t.Fatal(err)
	}
	result, err := snapshot.Run(&report.Query{Buckets: []report.Bucket{{From: from, To: to}}, By: by, Want: []report.Want{{Measure: id}}})
	if err != nil {
		a.t.Fatal(err)
	}
	return func(entity string) *report.Total { return result.At(entity, 0, 0) }
}

func (a *agreement) same(what string, got, want, least int64) {
	a.t.Helper()
	if got != want || got < least {
		a.t.Errorf("%s: rows say %d, counters %d (at least %d expected)", what, got, want, least)
	}
}

// requests: the first interactions that were created are the requests.
func (a *agreement) requests(from, to time.Time) {
	a.t.Helper()
	n := int64(0)
	for _, r := range a.rows("Conversation-Created", from.UnixMilli(), to.UnixMilli()) {
		if r["reopened"] == "false" {
			n++
		}
	}
	a.same("requests", n, a.counted(measure.ChatRequests, measure.None, from.UnixMilli(), to.UnixMilli())("").N, 50)
}

// statuses: the periods online, cut to the range, are each agent's time online.
func (a *agreement) statuses(from, to time.Time) {
	a.t.Helper()
	online := map[string]int64{}
	for _, r := range a.rows("Agent-Activity", math.MinInt64, math.MaxInt64) {
		if r["status"] != "online" {
			continue
		}
		begin, end := a.at(r["created_at"]), a.now.UnixMilli()
		if r["ended_at"] != "" {
			end = a.at(r["ended_at"])
		}
		online[r["agent_id"]] += max(0, min(end, to.UnixMilli())-max(begin, from.UnixMilli()))
	}
	counted := a.counted(measure.Online, measure.Agent, from.UnixMilli(), to.UnixMilli())
	agents := 0
	for agent, ms := range online {
		a.same("time online of "+agent, ms, counted(agent).Millis, 0)
		if ms > 0 {
			agents++
		}
	}
	if agents < 3 {
		a.t.Errorf("only %d agents were online", agents)
	}
}

func (a *agreement) at(text string) int64 {
	a.t.Helper()
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		a.t.Fatal(err)
	}
	return t.UnixMilli()
}

// messages: those of all time, of each agent, and of visitors to whom an agent wrote.
func (a *agreement) messages() {
	a.t.Helper()
	visitors, agents, written := map[string]int64{}, map[string]int64{}, map[string]bool{}
	for _, r := range a.rows("Message-Sent", math.MinInt64, math.MaxInt64) {
		switch r["actor_type"] {
		case "USER":
			visitors[r["conversation_id"]]++
		case "AGENT":
			agents[r["actor_id"]]++
			written[r["conversation_id"]] = true
		}
	}
	sum := int64(0)
	for conversation, n := range visitors {
		if written[conversation] {
			sum += n
		}
	}
	a.same("messages of visitors", sum, a.counted(measure.VisitorMessages, measure.None, 0, a.now.UnixMilli())("").N, 500)
	counted := a.counted(measure.AgentMessages, measure.Agent, 0, a.now.UnixMilli())
	for agent, n := range agents {
		a.same("messages of "+agent, n, counted(agent).N, 1)
	}
}

// responses: every interaction is resolved, so that all response times are in some row.
func (a *agreement) responses() {
	a.t.Helper()
	sum := int64(0)
	for _, r := range a.rows("Response-Time", math.MinInt64, math.MaxInt64) {
		n, err := strconv.ParseInt(r["value_in_seconds"], 10, 64)
		if err != nil {
			a.t.Fatal(err)
		}
		sum += n * 1000
	}
	a.same("response times", sum, a.counted(measure.Response, measure.None, 0, a.now.UnixMilli())("").Millis, 1)
}
