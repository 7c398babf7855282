package oracle

import "strings"

// figuresOfToday is the blocks of realtime/today; nil for those that are not available.
type figuresOfToday struct {
	chatOverview, serviceEfficiency, agentPerformance, chatbot map[string]any
}

func (q *query) figuresOfToday() figuresOfToday {
	q.setToday()
	all := scope{}
	volume := raw{}
	for _, c := range q.requested(all, q.from, q.to) {
		volume["requests"]++
		volume[c.outcome]++
		if c.outcome == missed && c.decidedBy != missed {
			volume[c.decidedBy]++
		}
		if c.outcome != isChat {
			continue
		}
		switch {
		case c.byAgent == forever:
			volume["botOnly"]++
		case c.botFirst:
			volume["botToAgent"]++
		}
		if len(c.agents) > 0 {
			volume["withAgent"]++
		}
		if len(c.agents) == 1 {
			volume["withOneAgent"]++
		}
	}
	var t figuresOfToday
	t.chatOverview = map[string]any{
		"chatRequests":       float64(volume["requests"]),
		"chats":              float64(volume[isChat]),
		"chatAcceptanceRate": value(volume[isChat], volume["requests"]),
		"abandonedChats":     float64(volume[abandoned]),
		"switchToMessages":   float64(volume[switched]),
		"missedChats":        float64(volume[missed]),
	}
	if q.tenant.Edition != "business" {
		perChat := q.perChat(all, q.from, q.to)
		q.addResponses(all, q.from, q.to, perChat)
		transfers := chatTransfer.raw(q, all, q.from, q.to)
		accepted := manualInvitation.raw(q, all, q.from, q.to)["accepted"] + autoInvitation.raw(q, all, q.from, q.to)["accepted"]
		t.serviceEfficiency = map[string]any{
			"avgWaitTime":             value(perChat["waitMs"], perChat["waits"]*msPerSecond),
			"avgChatTime":             value(perChat["chatMs"], perChat["timedChats"]*msPerSecond),
			"avgResponseTime":         value(perChat["responseMs"], perChat["responses"]*msPerSecond),
			"acceptedInvitations":     float64(accepted),
			"departmentTransferChats": float64(transfers["between"]),
			"totalTransferChats":      float64(transfers["transferred"]),
		}
		scores := rating.raw(q, all, q.from, q.to)
		var points, ratings int64
		for score, name := range []string{1: "1", 2: "2", 3: "3", 4: "4", 5: "5"} {
			points += int64(score) * scores[name]
			if score > 0 {
				ratings += scores[name]
			}
		}
		work := workload.raw(q, all, q.from, q.to)
		t.agentPerformance = map[string]any{
			"uniqueChatRate":   value(volume["withOneAgent"], volume["withAgent"]),
			"agentUtilization": value(work["linearMs"], work["loggedMs"]),
			"avgScore":         value(points, ratings),
		}
	}
	if q.tenant.Chatbot {
		t.chatbot = map[string]any{
			"chatbotOnlyChats":        float64(volume["botOnly"]),
			"chatsFromChatbotToAgent": float64(volume["botToAgent"]),
		}
		answers, confident := q.botAnswers()
		t.chatbot["answers"], t.chatbot["highConfidenceAnswers"] = float64(answers), float64(confident)
	}
	return t
}

// botAnswers counts today's interactions other than welcomes, and those of them
// that are no fallback either.
func (q *query) botAnswers() (answers, confident int) {
	for _, c := range q.chats {
		for _, e := range c.interactions {
			if !(span{q.from, q.to}).holds(e.At) || e.Data.InteractionType == "welcome" {
				continue
			}
			answers++
			if e.Data.InteractionType != "fallback" && e.Data.InteractionType != "contextFallback" {
				confident++
			}
		}
	}
	return answers, confident
}

func today(q *query) any {
	t := q.figuresOfToday()
	answer := map[string]any{}
	for name, block := range t.blocks() {
		answer[name] = nil
		if block != nil {
			answer[name] = block
		}
	}
	return answer
}

func (t figuresOfToday) blocks() map[string]map[string]any {
	return map[string]map[string]any{
		"chatOverview": t.chatOverview, "serviceEfficiency": t.serviceEfficiency,
		"agentPerformance": t.agentPerformance, "chatbot": t.chatbot,
	}
}

// customMetrics computes every expression over today's figures, by their names;
// what is not available is 0.
func customMetrics(q *query) any {
	figures := map[string]float64{}
	for _, block := range q.figuresOfToday().blocks() {
		for name, v := range block {
			figures[name] = v.(float64)
		}
	}
	expressions := map[string]string{}
	for _, m := range q.tenant.CustomMetrics {
		expressions[m.ID] = m.Expression
	}
	rows := []any{}
	for _, id := range sortedIDs(expressions) {
		rows = append(rows, map[string]any{"id": id, "value": evaluate(expressions[id], func(name string) float64 {
			return figures[name[strings.LastIndex(name, ".")+1:]]
		})})
	}
	return rows
}
