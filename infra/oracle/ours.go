package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// What Comm100 does not have: first responses, the leaderboard, rows of what is of none, rows
// in another order.

// ours are the reports.
func ours() map[string]report {
	all := groups(agentOrDept, []string{"campaign"})
	return map[string]report{
		"firstResponseTime": {groups: groups(calendar, distributions, all), filters: all, run: firstResponseTime.run},
		"leaderboard":       {groups: groups(calendar, agentOrDept), filters: all, run: leaderboard.run},
	}
}

// ofFirst are the figures of first responses.
var ofFirst = []property{
	count("firstResponses", "avgFirstResponses", "firsts"),
	averageSeconds("avgFirstResponseTime", "firstMs", "firsts").orNull(),
	property{name: "medianFirstResponseTime", inSlots: "medianFirstResponseTime", rule: percentile, num: "first ", den: "firsts", unit: 50}.orNull(),
	property{name: "p90FirstResponseTime", inSlots: "p90FirstResponseTime", rule: percentile, num: "first ", den: "firsts", unit: 90}.orNull(),
}

// addFirsts adds the first responses given in [from, to).
func (q *query) addFirsts(sc scope, from, to int64, r raw) {
	for _, c := range q.chats {
		for _, x := range c.firsts {
			counts := func(sc scope) bool {
				return x.counts(sc) && (sc.campaign == nil || c.req.Data.Campaign() == *sc.campaign)
			}
			if (span{from, to}).holds(x.at) && q.holds(sc, counts) {
				r["firstMs"] += x.ms
				r["firsts"]++
				r[fmt.Sprint("first ", x.ms/msPerSecond)]++
			}
		}
	}
}

var firstResponseTime = sheet{
	properties: same(ofFirst...),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		q.addFirsts(sc, from, to, r)
		return r
	},
}

var leaderboard = sheet{
	properties: same(slices.Concat(
		[]property{count("chats", "", "chats"), averageSeconds("avgWaitTime", "waitMs", "waits").orNull()},
		ofFirst,
		[]property{
			count("ratings", "", "ratings"), avgScore, seconds("loggedInTime", "", "loggedMs"),
			average("agentUtilization", "linearMs", "loggedMs").orNull(),
		},
	)...),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := q.perChat(sc, from, to)
		q.addFirsts(sc, from, to, r)
		maps.Copy(r, rating.raw(q, sc, from, to))
		sc.campaign = nil // agents' time is of all campaigns
		for _, id := range q.team(sc) {
			r["linearMs"] += within(q.linear(id, sc), from, to)
			r["loggedMs"] += within(q.time("logged-in", id, sc), from, to)
		}
		return r
	},
}

func (p property) orNull() property {
	p.null = true
	return p
}

// told is a value, or null where there is none.
func (p property) told(r raw) any {
	if p.null && r[p.den] == 0 {
		return nil
	}
	return p.of(r)
}

// nearestRank is the smallest of the numbers counted under a prefix that so many per cent of
// them do not exceed.
func nearestRank(r raw, prefix string, percent int64) int64 {
	var all []int64
	for key, n := range r {
		if text, ok := strings.CutPrefix(key, prefix); ok {
			var number int64
			_, _ = fmt.Sscan(text, &number)
			for range n {
				all = append(all, number)
			}
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(int64(len(all))*percent+99)/100-1]
}

// readOurs checks the parameters that are ours, and answers what is wrong.
func (q *query) readOurs(params url.Values) string {
	for name, flag := range map[string]*bool{"none": &q.none, "avgScore": &q.avgScore} {
		if text := params.Get(name); text != "" && text != "true" && text != "false" {
			return fmt.Sprintf("Parameter '%s' is invalid.", name)
		}
		*flag = params.Get(name) == "true"
	}
	if q.none && (q.of() == "" || q.of() == "conversionAction" || q.filter == q.of()) {
		return "Parameter 'none' is invalid."
	}
	if q.sort = params.Get("sort"); q.sort != "" && isTime(q.group) {
		return "Parameter 'sort' is invalid."
	}
	return ""
}

// sortRows puts rows into the order asked for, those without a value at the end.
func (q *query) sortRows(rows []any) {
	if q.sort == "" {
		return
	}
	name, falling := strings.CutPrefix(q.sort, "-")
	slices.SortStableFunc(rows, func(a, b any) int {
		x, some := a.(map[string]any)[name].(float64)
		y, other := b.(map[string]any)[name].(float64)
		switch {
		case !some && !other:
			return 0
		case !some:
			return 1
		case !other:
			return -1
		case falling:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	})
}

// nobodys are the figures that are null in a row of none: many chats make them up together, or
// each row has its own part of a chat.
var nobodys = map[string][]string{
	"department": {"avgChatTime", "linearChatTime", "idleTime", "agentUtilization", "maxQueueSize"},
	"agent":      {"avgChatTime", "linearChatTime", "idleTime", "agentUtilization", "totalChatTime", "avgConcurrentChats"},
}

func (sc scope) withNone(kind string) scope {
	sc.none = kind
	return sc
}

func (sc scope) withoutNone() scope { return sc.withNone("") }

// holds says whether a thing counts in a scope, given whether it does in one without none: of
// none is what counts, and in no entity's row.
func (q *query) holds(sc scope, counts func(scope) bool) bool {
	plain := sc.withoutNone()
	if !counts(plain) || sc.none == "" {
		return counts(plain)
	}
	return !slices.ContainsFunc(q.ids(sc.none), func(id string) bool { return counts(plain.with(sc.none, id)) })
}

// partOf is the chat time in a scope.
func (q *query) partOf(c *chat, sc scope) []span {
	spans := c.part(sc)
	if sc.none == "department" {
		for _, id := range q.ids(sc.none) {
			spans = without(spans, c.inDept[id])
		}
	}
	return spans
}
