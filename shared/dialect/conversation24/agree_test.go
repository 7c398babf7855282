package conversation24_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
)

// counted asks a report of counters, whose rows are objects.
func (s *asking) counted(report string, query string) []map[string]any {
	s.t.Helper()
	a := s.ask("all", http.MethodGet, "/api/v3/livechat/reports/"+report+"?timeFrom=2026-03-01T00:00:00&timeTo=2026-05-01T00:00:00&"+query, "")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(a.body), &rows); err != nil || a.status != http.StatusOK {
		s.t.Fatalf("%s: %d %.300s %v", report, a.status, a.body, err)
	}
	return rows
}

// table is an export, its cells by the names of the columns.
type table struct {
	column map[string]int
	rows   [][]string
}

func (s *asking) table(report string) table {
	s.t.Helper()
	all := s.export(report, url.Values{})
	t := table{map[string]int{}, all[1:]}
	for i, name := range all[0] {
		t.column[name] = i
	}
	return t
}

// sums adds a column up by the text of another.
func (t *table) sums(by, column string) map[string]float64 {
	out := map[string]float64{}
	for _, row := range t.rows {
		n, _ := strconv.ParseFloat(row[t.column[column]], 64)
		out[row[t.column[by]]] += n
	}
	return out
}

// The rows of exports add up to what the counters say of the same time.
func TestRowsAndNumbersAgree(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 9, Start: start, End: start.AddDate(0, 0, 4), Scale: 0.1}).Events() {
		events = append(events, e)
	}
	r := rand.New(rand.NewPCG(1, 0))
	who, _ := tenantOf("UTC")
	s := asked(t, who, start.AddDate(0, 0, 4), events, r)
	n := map[string]float64{} // of events by type
	for i := range events {
		n[events[i].Type]++
	}
	same := func(what string, got, want, rounded float64) {
		t.Helper()
		if got > want || got < want-rounded || want == 0 {
			t.Errorf("%s: the rows say %v, the numbers %v", what, got, want)
		}
	}
	total := func(sums map[string]float64) (all float64) {
		for _, v := range sums {
			all += v
		}
		return all
	}

	invites := s.table("automatic-invites")
	for _, row := range s.counted("autoInvitation", "group=campaign") {
		campaign := row["campaignId"].(string)
		same("invitations sent of "+campaign, invites.sums("chatcampaign_id", "num_proactive")[campaign], row["sent"].(float64), 0)
		same("invitations accepted of "+campaign, invites.sums("chatcampaign_id", "num_proactive_accepted")[campaign], row["accepted"].(float64), 0)
	}

	traffic := s.table("traffic")
	same("page views", total(traffic.sums("entrypoint_id", "visits")), n["page.viewed"], 0)
	same("views of entry points", total(traffic.sums("entrypoint_id", "views")), n["entrypoint.viewed"], 0)
	same("clicks of entry points", total(traffic.sums("entrypoint_id", "clicks")), n["entrypoint.clicked"], 0)

	// A chat that an agent was only assigned is a row, and the counters have nobody in it.
	taken, given := map[string]bool{}, map[string]bool{}
	for i := range events {
		switch e := &events[i]; {
		case e.Type == "chat.accepted", e.Type == "message.sent" && e.Data.Actor.Type == "agent":
			taken[e.Subject] = true
		case e.Type == "chat.assigned" && e.Data.AgentID != "":
			given[e.Subject] = true
		}
	}
	onlyGiven := 0.0
	for chat := range given {
		if !taken[chat] {
			onlyGiven++
		}
	}
	chats := s.table("conversations")
	same("conversations", float64(len(chats.rows)), s.counted("wrapup/completion", "group=month")[0]["chats"].(float64)+onlyGiven, 0)
	same("established chats", total(traffic.sums("entrypoint_id", "chats")), float64(len(chats.rows)), 0)

	// Every row of a length of time is rounded down to a second.
	online, rows := map[string]float64{}, map[string]float64{}
	activity := s.table("agent-activity")
	for _, row := range activity.rows {
		if row[activity.column["state"]] == "Online" {
			d, _ := strconv.ParseFloat(row[activity.column["duration_secs"]], 64)
			online[row[activity.column["agent_id"]]] += d
			rows[row[activity.column["agent_id"]]]++
		}
	}
	session, shifts := map[string]float64{}, map[string]float64{}
	performance, shift := s.table("agent-performance"), ""
	for _, row := range performance.rows {
		if id := row[performance.column["workshift_id"]]; id != shift { // the row of its first campaign
			shift = id
			d, _ := strconv.ParseFloat(row[performance.column["session_duration"]], 64)
			session[row[performance.column["agent_id"]]] += d
			shifts[row[performance.column["agent_id"]]]++
		}
	}
	agents := s.counted("availability", "group=agent")
	if len(agents) < 20 {
		t.Fatalf("%d agents", len(agents))
	}
	for _, row := range agents {
		agent := strconv.Itoa(int(row["agentId"].(float64)))
		loggedIn := row["statusDistribution"].([]any)[0].(map[string]any)["time"].(float64)
		same("time online of "+agent, online[agent], row["online"].(float64), rows[agent])
		same("time logged in of "+agent, session[agent], loggedIn, shifts[agent])
	}
}
