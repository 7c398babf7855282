package oracle

// lengthOf is how long the chat was, for a scope: what goes on, up to now.
func (q *query) lengthOf(c *chat, sc scope) int64 { return length(fix(c.part(sc), q.now)) }

// spreadChatTime is the chat time that falls into [from, to), whenever requested.
func (q *query) spreadChatTime(sc scope, from, to int64) int64 {
	var ms int64
	for _, c := range q.chats {
		ms += within(q.partOf(c, sc), from, min(to, q.now))
	}
	return ms
}

// perChat adds up what is averaged per chat, of the requests made in [from, to).
func (q *query) perChat(sc scope, from, to int64) raw {
	r := raw{}
	for _, c := range q.requested(sc, from, to) {
		if c.waited {
			r["waitMs"] += c.waitMs
			r["waits"]++
		}
		if c.outcome != isChat {
			continue
		}
		r["chats"]++
		if c.byAgent != forever {
			r["chatMs"] += q.lengthOf(c, sc)
			r["timedChats"]++
		}
		if len(c.agents) > 0 {
			r["agentChats"]++
		}
	}
	for _, c := range q.requested(sc.withoutNone(), from, to) {
		if c.outcome == isChat {
			q.addMessages(c, sc, r)
		}
	}
	return r
}

// addMessages counts a chat's messages: of an agent those it sent and those the visitor sent
// while it was in the chat; of a department those sent while the chat was there.
func (q *query) addMessages(c *chat, sc scope, r raw) {
	for _, m := range c.messages {
		if len(c.agents) == 0 || !q.holds(sc, func(sc scope) bool { return c.counts(sc) && m.counts(sc) }) {
			continue
		}
		switch {
		case m.actor == "agent":
			r["agentMessages"]++
			if m.canned != "" {
				r["cannedMessages"]++
			}
		case m.actor == "user":
			r["visitorMessages"]++
		}
	}
	if n := len(c.messages); n > 0 {
		last := c.messages[n-1]
		if last.actor == "agent" && q.holds(sc, func(sc scope) bool { return c.counts(sc) && (sc.agent == nil || last.id == *sc.agent) }) {
			r["lastByAgent"]++
		}
	}
}

func (m *message) counts(sc scope) bool {
	return (sc.department == nil || m.department == *sc.department) &&
		(sc.agent == nil || m.actor == "agent" && m.id == *sc.agent || m.actor == "user" && m.agents[*sc.agent])
}

// addResponses adds the answers given in [from, to).
func (q *query) addResponses(sc scope, from, to int64, r raw) {
	for _, c := range q.chats {
		for _, x := range c.responses {
			if (span{from, to}).holds(x.at) && q.holds(sc, x.counts) {
				r["responseMs"] += x.ms
				r["responses"]++
			}
		}
	}
}

func (x *response) counts(sc scope) bool {
	return (sc.agent == nil || x.agent == *sc.agent) && (sc.department == nil || x.department == *sc.department)
}

var lastMessageSentByAgent = property{
	name: "lastMessageSentByAgent", inSlots: "lastMessageSentByAgent", rule: total, num: "lastByAgent", unit: 1,
}

var agentPerformance = sheet{
	properties: same(
		averageSeconds("avgChatTime", "chatMs", "timedChats"),
		averageSeconds("avgWaitTime", "waitMs", "waits"),
		seconds("totalChatTime", "", "spreadMs"),
		lastMessageSentByAgent,
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := q.perChat(sc, from, to)
		r["spreadMs"] = q.spreadChatTime(sc, from, to)
		return r
	},
}

var efficiency = sheet{
	properties: same(
		averageSeconds("avgAgentResponseTime", "responseMs", "responses"),
		averageSeconds("avgWaitTime", "waitMs", "waits"),
		averageSeconds("avgChatTime", "chatMs", "timedChats"),
		average("avgAgentsChatMessages", "agentMessages", "agentChats"),
		average("avgVisitorsChatMessages", "visitorMessages", "agentChats"),
		average("avgCannedMessages", "cannedMessages", "agentChats"),
		lastMessageSentByAgent,
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := q.perChat(sc, from, to)
		q.addResponses(sc, from, to, r)
		return r
	},
}

var workload = sheet{
	properties: same(
		seconds("linearChatTime", "avgLinearChatTime", "linearMs"),
		seconds("idleTime", "avgIdleTime", "idleMs"),
		property{name: "agentUtilization", inSlots: "avgAgentUtilization", rule: ratio, num: "linearMs", den: "loggedMs", unit: 1},
		property{name: "avgConcurrentChats", inSlots: "avgConcurrentChats", rule: ratio, num: "spreadMs", den: "loggedMs", unit: 1},
		seconds("totalChatTime", "avgTotalChatTime", "spreadMs"),
		count("chats", "avgChats", "chats"),
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{"chats": q.perChat(sc, from, to)["chats"]}
		r["spreadMs"] = q.spreadChatTime(sc, from, to)
		for _, id := range q.team(sc) {
			r["linearMs"] += within(q.linear(id, sc), from, to)
			r["loggedMs"] += within(q.time("logged-in", id, sc), from, to)
		}
		r["idleMs"] = r["loggedMs"] - r["linearMs"]
		return r
	},
}
