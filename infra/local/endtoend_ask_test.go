package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// comm100 is the address of a report over the day.
func (w *workload) comm100(report, group string) string {
	const stamp = "2006-01-02T15:04:05"
	address := fmt.Sprintf("/api/v3/livechat/reports/%s?timeFrom=%s&timeTo=%s", report, w.day.Format(stamp), w.day.AddDate(0, 0, 1).Format(stamp))
	if group != "" {
		address += "&group=" + group
	}
	return address
}

// query is a question, by who asks it.
type query struct{ method, target, key, body string }

// questions are of every dialect, and some that are refused.
func (w *workload) questions() (all []query) {
	get := func(target string) { all = append(all, query{"GET", target, askKey, ""}) }
	for report := range strings.FieldsSeq(`chatVolume queue waitTime chatTransfer availability agentStatus agentPerformance workload efficiency rating postChatSurvey
		prechatSurvey wrapup/survey wrapup/completion conversions manualInvitation autoInvitation offlineMessage cannedMessage visits chatSource chatSourceRequestPage`) {
		get(w.comm100(report, ""))
	}
	get(w.comm100("chatVolume", "hour"))
	get(w.comm100("waitTime", "department") + "&timezone=Asia/Kathmandu&percentiles=50,90")
	get(w.comm100("agentPerformance", "agent"))
	days := fmt.Sprintf("from=%s&to=%s", w.day.Format(time.DateOnly), w.day.AddDate(0, 0, 1).Format(time.DateOnly))
	for report := range strings.FieldsSeq("conversations conversations.paid conversations.messages conversations.average busiest-period interactions") {
		get("/reports/" + report + "?" + days)
	}
	for export := range strings.FieldsSeq("agent-activity agent-performance agents conversations automatic-invites hosts traffic slots") {
		get("/v1/exports/" + export + "?" + days)
	}
	for kind := range strings.FieldsSeq("agents departments visitors") {
		get("/v1/directory/" + kind)
	}
	get("/v1/chats/4711")
	get("/v1/chats/815")
	get("/v1/measures")
	drift := func(body string) {
		all = append(all, query{"POST", "/reports/conversations", askKey, body})
	}
	drift(`{"metrics": ["timeToCloseMillis", "numEndUserMessages", "firstAgentMessageAt", "cqlScore"]}`)
	drift(`{"filters": [{"property": "status", "operation": "EQ", "values": ["closed"]}], "metrics": ["lastAgentId", "timeToAgentResponseMillis"], "sort": "-createdAt", "limit": 7}`)
	// What is refused.
	get(w.comm100("chatVolume", "nonsense"))
	get("/api/v3/livechat/reports/nothing")
	get("/reports/interactions?period=sometimes")
	get("/v1/exports/nothing")
	get("/v1/chats/nothing")
	get("/nowhere")
	drift(`{"filters": [{"property": "status", "operation": "NOTHING"}], "metrics": ["id"]}`)
	all = append(
		all,
		query{"GET", w.comm100("chatVolume", ""), "", ""},
		query{"GET", w.comm100("chatVolume", ""), "nobodys-key", ""},
		query{"GET", w.comm100("chatVolume", ""), feedKey, ""},
		query{"GET", w.comm100("chatVolume", ""), "end-to-end-other-key", ""},
		query{"GET", "/v1/chats/4711", "end-to-end-other-key", ""},
		query{"DELETE", w.comm100("chatVolume", ""), askKey, ""},
		query{"POST", "/v1/events", askKey, "{}"},
		query{"POST", "/v1/events", feedKey, `{"specversion":"1.0","id":"x","source":"e2e","type":"chat.invented","subject":"1","time":"2026-03-02T10:00:00Z","data":{}}`},
		query{"POST", "/v1/events", feedKey, "no JSON"},
		query{"POST", "/v2/reports/raw", askKey, `{"start":"2026-03-02"}`},
	)
	return all
}

// ask has an answer to each question, by what was asked.
func (w *workload) ask(r *remote) map[string]string {
	r.t.Helper()
	answers := map[string]string{}
	for _, q := range w.questions() {
		status, answer, header := r.request(q.method, q.target, q.key, q.body)
		answers[fmt.Sprintf("%s %s %s %s", q.method, q.target, q.key, q.body)] = fmt.Sprintf("%d %s\n%s", status, header.Get("Content-Type"), answer)
	}
	return answers
}

// consistent says whether figures are what the rows behind them come to.
func (w *workload) consistent(r *remote) {
	r.t.Helper()
	compared := 0
	for report, measures := range map[string]string{
		"chatVolume": "chatRequests chats missedChats refusedChats", "waitTime": "avgWaitTime", "rating": "score5 score1",
		"efficiency": "avgChatTime avgAgentResponseTime",
	} {
		var rows []map[string]any
		answer := r.must("GET", w.comm100(report, "total"), askKey, "", http.StatusOK)
		if err := json.Unmarshal([]byte(answer), &rows); err != nil || len(rows) != 1 {
			r.t.Fatalf("%s: %s, %v", report, answer, err)
		}
		for measure := range strings.FieldsSeq(measures) {
			figure, ok := rows[0][measure]
			if !ok {
				r.t.Fatalf("%s has no %s: %s", report, measure, answer)
			}
			var behind struct{ Total any }
			explained := r.must("GET", strings.Replace(w.comm100(report, "total"), "/api/v3/livechat/reports/"+report+"?", "/v1/rows?report="+report+"&measure="+measure+"&", 1), askKey, "", http.StatusOK)
			if err := json.Unmarshal([]byte(explained), &behind); err != nil || fmt.Sprint(behind.Total) != fmt.Sprint(figure) {
				r.t.Errorf("%s of %s is %v, and its rows come to %v, %v", measure, report, figure, behind.Total, err)
			}
			compared++
		}
	}
	r.t.Logf("%d figures are what their rows come to", compared)
}

// files adds what is made as files: raw reports, and an export by a public link.
func (w *workload) files(r *remote, answers map[string]string) map[string]string {
	r.t.Helper()
	jobs := map[string]string{}
	for _, report := range []string{"Conversation-Created", "Message-Sent", "CSAT-Score"} {
		answer := r.must("POST", "/v2/reports/raw", askKey, fmt.Sprintf(`{"start":%q,"end":%q,"event":%q,"format":"csv.plain"}`,
			w.day.Format(time.DateOnly), w.day.AddDate(0, 0, 1).Format(time.DateOnly), report), http.StatusAccepted)
		jobs[report] = between(r.t, answer, "w/", `"}`)
	}
	for report, id := range jobs {
		answers[report] = r.must("GET", r.made(id), "", "", http.StatusOK)
		if rows := strings.Count(answers[report], "\r\n") - 1; rows < 1 {
			r.t.Errorf("%s has %d rows", report, rows)
		}
	}
	var link struct{ ID, Token string }
	answer := r.must("POST", "/v1/exports/agents/links", askKey, "{}", http.StatusCreated)
	if err := json.Unmarshal([]byte(answer), &link); err != nil {
		r.t.Fatal(err)
	}
	answers["a public link"] = r.must("GET", "/public/"+link.Token, "", "", http.StatusOK)
	r.must("DELETE", "/v1/exports/links/"+link.ID, askKey, "", http.StatusNoContent)
	status, _, _ := r.request("GET", "/public/"+link.Token, "", "")
	answers["a public link that was revoked"] = fmt.Sprint(status)
	return answers
}

// made waits for a job, and has the link to its file.
func (r *remote) made(id string) string {
	r.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		var job struct {
			Status string
			Links  []struct{ Link struct{ Href string } }
		}
		answer := r.must("GET", "/v2/reports/raw/"+id, askKey, "", http.StatusOK)
		if err := json.Unmarshal([]byte(answer), &job); err != nil || job.Status != "PENDING" && job.Status != "COMPLETED" {
			r.t.Fatalf("%s, %v", answer, err)
		}
		if job.Status == "COMPLETED" {
			return job.Links[0].Link.Href
		}
	}
	r.t.Fatalf("job %s is not made after two minutes", id)
	return ""
}
