package comm100

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"chatreports/shared/custommetric"
	"chatreports/shared/dialect"
	"chatreports/shared/facts"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

type customMetric = tenant.CustomMetric

var compile = custommetric.Compile

// today gives the figures of the day; blocks that the tenant lacks are null.
func today(r *request) (iter.Seq[dialect.Row], error) {
	s, err := r.sheetOfToday()
	if err != nil {
		return nil, err
	}
	var answer dialect.Row
	column := 0
	for _, c := range ofToday {
		block, name, _ := strings.Cut(c.name, ".")
		if n := len(answer); n == 0 || answer[n-1].Name != block {
			answer.Add(block, nil)
		}
		if !r.hasBlock(block) {
			continue
		}
		last := &answer[len(answer)-1]
		figures, _ := last.Value.(dialect.Row)
		figures.Add(name, s.columns[column].property(s.totals("", 0, column)))
		last.Value = figures
		column++
	}
	return one(answer), nil
}

// ofToday are the figures of the day, each in its block.
var ofToday = []column{
	count("chatOverview.chatRequests", "", measure.ChatRequests),
	count("chatOverview.chats", "", measure.Chats),
	{
		name: "chatOverview.chatAcceptanceRate", want: wants(measure.Chats, measure.ChatRequests), pooled: true,
		value: func(t []*report.Total) float64 { return ratio(float64(t[0].N), float64(t[1].N)) },
		by:    func(t []*report.Total) float64 { return float64(t[1].N) },
	},
	count("chatOverview.abandonedChats", "", measure.AbandonedChats),
	count("chatOverview.switchToMessages", "", measure.SwitchedChats),
	count("chatOverview.missedChats", "", measure.MissedChats),
	count("chatbot.chatbotOnlyChats", "", measure.BotOnlyChats),
	count("chatbot.chatsFromChatbotToAgent", "", measure.BotToAgentChats),
	count("chatbot.answers", "", measure.BotAnswers),
	count("chatbot.highConfidenceAnswers", "", measure.BotConfidentAnswers),
	mean("serviceEfficiency.avgWaitTime", measure.Wait),
	mean("serviceEfficiency.avgChatTime", measure.ChatLength),
	mean("serviceEfficiency.avgResponseTime", measure.Response),
	count("serviceEfficiency.acceptedInvitations", "", measure.ManualInvitationsAccepted, measure.AutoInvitationsAccepted),
	count("serviceEfficiency.departmentTransferChats", "", measure.DepartmentTransferredChats),
	count("serviceEfficiency.totalTransferChats", "", measure.TransferredChats),
	perChat("agentPerformance.uniqueChatRate", measure.UniqueChats),
	ofLoggedIn("agentPerformance.agentUtilization", "", measure.LinearChatTime),
	meanScore("agentPerformance.avgScore"),
}

// hasBlock says whether the tenant has a block of today's figures.
func (r *request) hasBlock(name string) bool {
	switch name {
	case "serviceEfficiency", "agentPerformance":
		return r.tenant.Edition != tenant.Business
	case "chatbot":
		return r.tenant.Chatbot
	}
	return true
}

// shownToday are the figures of those blocks.
func (r *request) shownToday() []column {
	return slices.DeleteFunc(slices.Clone(ofToday), func(c column) bool {
		block, _, _ := strings.Cut(c.name, ".")
		return !r.hasBlock(block)
	})
}

// sheetOfToday has the figures of the blocks that the tenant has.
func (r *request) sheetOfToday() (*sheet, error) {
	day := r.today()
	all := *r
	all.from, all.to = time.UnixMilli(day.From), time.UnixMilli(day.To)
	return all.sheet(r.shownToday())
}

// spent is an agent's status now, and for how long it had each since a moment:
// Online, Away, custom ones by name where they occurred, Offline. A name is the same in
// any case of letters: it is shown as it was spelled first.
func spent(l facts.StatusLog, from, now int64) (current string, distribution []dialect.Row) {
	status, at := l.Before, from
	spent, spelled := map[string]int64{}, map[string]string{}
	until := func(end int64) {
		name, ok := spelled[strings.ToLower(status)]
		if !ok && end != at {
			name, spelled[strings.ToLower(status)] = status, status
		}
		spent[name] += end - at
		at = end
	}
	for _, c := range l.Changes {
		until(c.At)
		status = c.Status
	}
	until(now)
	order := []string{"online", "away"}
	for _, s := range slices.Sorted(maps.Keys(spent)) {
		if s != "" && s != "online" && s != "away" && spent[s] > 0 {
			order = append(order, s)
		}
	}
	for _, s := range append(order, "") {
		distribution = append(distribution, dialect.Row{{Name: "status", Value: displayed(s)}, {Name: "time", Value: float64(spent[s]) / 1000}})
	}
	return status, distribution
}
