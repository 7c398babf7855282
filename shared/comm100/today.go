package comm100

import (
	"maps"
	"slices"

	"chatreports/shared/custommetric"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

type customMetric = tenant.CustomMetric

var compile = custommetric.Compile

// today gives the figures of the day; blocks that the tenant lacks are null.
func today(r *request) (any, error) {
	blocks, err := r.figures()
	if err != nil {
		return nil, err
	}
	answer := row{}
	for name := range custommetric.Names {
		answer[name] = nil
		if block, ok := blocks[name]; ok {
			answer[name] = block
		}
	}
	return answer, nil
}

// figures computes the blocks that the tenant has.
func (r *request) figures() (map[string]map[string]float64, error) {
	result, err := r.run([]report.Bucket{r.today()}, measure.None, nil, wants(figuresOf...))
	if err != nil {
		return nil, err
	}
	of := func(id measure.ID) *report.Total { return result.At("", 0, slices.Index(figuresOf, id)) }
	n := func(ids ...measure.ID) float64 {
		sum := int64(0)
		for _, id := range ids {
			sum += of(id).N
		}
		return float64(sum)
	}
	mean := func(id measure.ID) float64 { return ratio(float64(of(id).Millis), n(id)*1000) }
	blocks := map[string]map[string]float64{"chatOverview": {
		"chatRequests":       n(measure.ChatRequests),
		"chats":              n(measure.Chats),
		"chatAcceptanceRate": ratio(n(measure.Chats), n(measure.ChatRequests)),
		"abandonedChats":     n(measure.AbandonedChats),
		"switchToMessages":   n(measure.SwitchedChats),
		"missedChats":        n(measure.MissedChats),
	}}
	if r.tenant.Edition != tenant.Business {
		blocks["serviceEfficiency"] = map[string]float64{
			"avgWaitTime":             mean(measure.Wait),
			"avgChatTime":             mean(measure.ChatLength),
			"avgResponseTime":         mean(measure.Response),
			"acceptedInvitations":     n(measure.ManualInvitationsAccepted, measure.AutoInvitationsAccepted),
			"departmentTransferChats": n(measure.DepartmentTransferredChats),
			"totalTransferChats":      n(measure.TransferredChats),
		}
		points := 0.0
		for i, id := range scores {
			points += float64(i+1) * n(id)
		}
		blocks["agentPerformance"] = map[string]float64{
			"uniqueChatRate":   ratio(n(measure.UniqueChats), n(measure.ChatsWithAgent)),
			"agentUtilization": ratio(float64(of(measure.LinearChatTime).Millis), float64(of(measure.LoggedIn).Millis)),
			"avgScore":         ratio(points, n(scores...)),
		}
	}
	if r.tenant.Chatbot {
		blocks["chatbot"] = map[string]float64{
			"chatbotOnlyChats":        n(measure.BotOnlyChats),
			"chatsFromChatbotToAgent": n(measure.BotToAgentChats),
			"answers":                 n(measure.BotAnswers),
			"highConfidenceAnswers":   n(measure.BotConfidentAnswers),
		}
	}
	return blocks, nil
}

// scores are the measures of ratings 1 to 5.
var scores = []measure.ID{measure.RatingScore1, measure.RatingScore2, measure.RatingScore3, measure.RatingScore4, measure.RatingScore5}

// figuresOf are the measures that today's figures are made of.
var figuresOf = slices.Concat(scores, []measure.ID{
	measure.ChatRequests, measure.Chats, measure.AbandonedChats, measure.SwitchedChats, measure.MissedChats,
	measure.Wait, measure.ChatLength, measure.Response, measure.ManualInvitationsAccepted, measure.AutoInvitationsAccepted,
	measure.DepartmentTransferredChats, measure.TransferredChats, measure.UniqueChats, measure.ChatsWithAgent,
	measure.LinearChatTime, measure.LoggedIn, measure.BotOnlyChats, measure.BotToAgentChats, measure.BotAnswers, measure.BotConfidentAnswers,
})

// spent is an agent's status now, and for how long it had each since a moment:
// Online, Away, custom ones by name where they occurred, Offline.
func (l statusLog) spent(from, now int64) (current string, distribution []row) {
	status, at := l.before, from
	spent := map[string]int64{}
	for _, c := range l.changes {
		spent[status] += c.At - at
		status, at = c.Status, c.At
	}
	spent[status] += now - at
	order := []string{"online", "away"}
	for _, s := range slices.Sorted(maps.Keys(spent)) {
		if s != "" && s != "online" && s != "away" && spent[s] > 0 {
			order = append(order, s)
		}
	}
	for _, s := range append(order, "") {
		distribution = append(distribution, row{"status": displayed(s), "time": float64(spent[s]) / 1000})
	}
	return status, distribution
}
