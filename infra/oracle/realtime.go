package oracle

import (
	"slices"
	"strings"
	"time"
)

// ongoing says whether the chat goes on now: taken up, and open.
func (q *query) ongoing(c *chat) bool { return c.accepted <= q.now && holds(c.open, q.now) }

// with says whether the agent is in the chat now, and the chat goes on.
func (q *query) with(c *chat, agent string) bool {
	return q.ongoing(c) && holds(c.inAgent[agent], q.now)
}

// waitingIn is the queue in which the request waits now, and since when.
func (q *query) waitingIn(c *chat) (in queue, since int64, ok bool) {
	for _, s := range c.stays {
		if s.holds(q.now) {
			for _, w := range c.waits {
				if w.holds(q.now) {
					return s.queue, w.s, true
				}
			}
		}
	}
	return queue{}, 0, false
}

func rightNow(q *query) any {
	var ongoing, withAgents, waiting int64
	chatting, visitors := map[string]bool{}, map[string]bool{}
	for _, c := range q.chats {
		if q.ongoing(c) {
			ongoing++
			visitors[c.req.Data.VisitorID] = true
			if c.byAgent <= q.now {
				withAgents++
			}
			for id := range c.inAgent {
				if q.with(c, id) {
					chatting[id] = true
				}
			}
		}
		if _, _, ok := q.waitingIn(c); ok {
			waiting++
			visitors[c.req.Data.VisitorID] = true
		}
	}
	for _, e := range q.views {
		if q.now-30*60*1000 <= e.At && e.At <= q.now {
			visitors[e.Subject] = true
		}
	}
	var loggedIn, chatsOfOnline, maxima int64
	for id, a := range q.agents {
		status := a.statusAt(q.now)
		if status != offline {
			loggedIn++
		}
		if status == online && a.maximum != nil {
			maxima += *a.maximum
			for _, c := range q.chats {
				if q.with(c, id) {
					chatsOfOnline++
				}
			}
		}
	}
	answer := map[string]any{
		"agentsInChat":            float64(len(chatting)),
		"ongoingChats":            float64(ongoing),
		"visitorsOnSite":          float64(len(visitors)),
		"loggedInAgents":          float64(loggedIn),
		"currentQueueLength":      nil,
		"chatUtilization":         nil,
		"ongoingChatsWithAgents":  nil,
		"ongoingChatsWithChatbot": nil,
	}
	if q.tenant.AutoAllocation {
		answer["currentQueueLength"] = float64(waiting)
		answer["chatUtilization"] = value(chatsOfOnline, maxima)
	}
	if q.tenant.Chatbot {
		answer["ongoingChatsWithAgents"] = float64(withAgents)
		answer["ongoingChatsWithChatbot"] = float64(ongoing - withAgents)
	}
	return answer
}

// setToday makes the range the calendar day that now is in.
func (q *query) setToday() {
	wall := wallOf(time.UnixMilli(q.now), q.zone)
	midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	q.from = firstAtOrAfter(midnight, q.zone).UnixMilli()
	q.to = firstAtOrAfter(midnight.AddDate(0, 0, 1), q.zone).UnixMilli()
}

func realtimeAgents(q *query) any {
	q.setToday()
	rows := []any{}
	for _, id := range q.ids("agent") {
		a := q.agents[id]
		if a == nil {
			a = &agent{}
		}
		if q.filter == "department" && !holds(a.member(q.filterValue), q.now) {
			continue
		}
		var ongoing, requested int64
		for _, c := range q.chats {
			if q.with(c, id) {
				ongoing++
			}
			if (span{q.from, q.to}).holds(c.requestedAt) && c.agents[id] {
				requested++
			}
		}
		linear := within(q.linear(id, scope{}), q.from, q.to)
		loggedIn := within(q.time("logged-in", id, scope{}), q.from, q.now)
		if !q.known["agent"][id] && ongoing+requested+linear+loggedIn == 0 {
			continue
		}
		rows = append(rows, map[string]any{
			"agentId":             agentID(id),
			"currentStatus":       displayed(a.statusAt(q.now)),
			"ongoingChats":        float64(ongoing),
			"todayChats":          float64(requested),
			"todayLinearChatTime": value(linear, msPerSecond),
			"statusDistribution":  q.statuses(a, loggedIn),
		})
	}
	return rows
}

// statuses is how long the agent was in each status today, up to now.
func (q *query) statuses(a *agent, loggedIn int64) []any {
	spent := func(status string) int64 {
		is := func(s string) bool { return strings.EqualFold(s, status) }
		return within(a.in(is), q.from, q.now)
	}
	custom := map[string]bool{}
	for i, c := range a.changes {
		end := q.now
		if i+1 < len(a.changes) {
			end = a.changes[i+1].at
		}
		isCustom := c.status != online && c.status != away && c.status != offline
		shown := func(other string) bool { return strings.EqualFold(other, c.status) }
		if isCustom && min(end, q.now) > max(c.at, q.from) && !slices.ContainsFunc(names(custom), shown) {
			custom[c.status] = true
		}
	}
	list := []any{}
	for _, status := range slices.Concat([]string{online, away}, names(custom)) {
		list = append(list, map[string]any{"status": displayed(status), "time": value(spent(status), msPerSecond)})
	}
	rest := q.now - q.from - loggedIn
	return append(list, map[string]any{"status": "Offline", "time": value(rest, msPerSecond)})
}

// queueKinds are the numbers of routeTo.type.
var queueKinds = []string{"site", "department", "agent"}

func realtimeQueue(q *query) any {
	list := map[queue]bool{{kind: "site"}: true}
	for id := range q.known["department"] {
		list[queue{"department", id}] = true
	}
	for _, c := range q.chats {
		if in, _, ok := q.waitingIn(c); ok {
			list[in] = true
		}
		for _, w := range c.waits {
			if q.endedWithin(w, 60) {
				list[w.queue] = true
			}
		}
	}
	var sorted []queue
	for in := range list {
		sorted = append(sorted, in)
	}
	slices.SortFunc(sorted, func(a, b queue) int {
		if n := slices.Index(queueKinds, a.kind) - slices.Index(queueKinds, b.kind); n != 0 {
			return n
		}
		return compareIDs(a.id, b.id)
	})
	rows := []any{}
	for _, in := range sorted {
		rows = append(rows, q.queueRow(in))
	}
	return rows
}

// endedWithin says whether the wait ended in the last so many minutes.
func (q *query) endedWithin(w stay, minutes int64) bool {
	return w.end != "" && q.now-minutes*60*1000 <= w.e && w.e <= q.now
}

func (q *query) queueRow(in queue) map[string]any {
	routeTo := map[string]any{"type": float64(slices.Index(queueKinds, in.kind))}
	switch in.kind {
	case "department":
		routeTo["id"] = in.id
	case "agent":
		routeTo["id"] = agentID(in.id)
	}

	type waiter struct {
		chat, visitor string
		since         int64
	}
	var waiters []waiter
	r := raw{}
	for _, c := range q.chats {
		if q.goesOnIn(c, in) {
			r["ongoing"]++
		}
		if now, since, ok := q.waitingIn(c); ok && now == in {
			waiters = append(waiters, waiter{c.id, c.req.Data.VisitorID, since})
		}
		for _, w := range c.waits {
			if w.queue != in {
				continue
			}
			if q.endedWithin(w, 60) {
				r["ms60"] += w.e - w.s
				r["waits60"]++
			}
			if q.endedWithin(w, 30) {
				r["ms30"] += w.e - w.s
				r["waits30"]++
				r[w.end]++
			}
		}
	}
	slices.SortFunc(waiters, func(a, b waiter) int {
		if a.since != b.since {
			return int(a.since - b.since)
		}
		return strings.Compare(a.chat, b.chat)
	})
	queued := []any{}
	for _, w := range waiters {
		queued = append(queued, map[string]any{"visitorId": w.visitor, "waitTime": value(q.now-w.since, msPerSecond)})
	}
	return map[string]any{
		"routeTo":                        routeTo,
		"ongoingChats":                   float64(r["ongoing"]),
		"avgWaitTimeInLast30Mins":        value(r["ms30"], r["waits30"]*msPerSecond),
		"avgWaitTimeInLast60Mins":        value(r["ms60"], r["waits60"]*msPerSecond),
		"abandonedChatsInLast30Mins":     float64(r[abandoned]),
		"switchedToMessagesInLast30Mins": float64(r[switched]),
		"queue":                          queued,
	}
}

// goesOnIn says whether the chat goes on: anywhere (site), in that department, with
// that agent. A bot's chat is in the department asked for.
func (q *query) goesOnIn(c *chat, in queue) bool {
	switch {
	case !q.ongoing(c):
		return false
	case in.kind == "agent":
		return q.with(c, in.id)
	case in.kind == "department" && c.byAgent > q.now:
		return c.asked == in.id
	case in.kind == "department":
		return holds(c.inDept[in.id], q.now)
	}
	return true
}
