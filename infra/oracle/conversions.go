package oracle

import "chatreports/shared/event"

// converts says whether a conversion counts in a scope: for the agent and the
// department it names, else for those of its chat.
func (q *query) converts(e *event.Event, sc scope) bool {
	d := &e.Data
	if sc.action != nil && d.ActionID != *sc.action {
		return false
	}
	rest := scope{}
	if sc.agent != nil {
		if d.AgentID == "" {
			rest.agent = sc.agent
		} else if d.AgentID != *sc.agent {
			return false
		}
	}
	if sc.department != nil {
		if d.DepartmentID == "" {
			rest.department = sc.department
		} else if d.DepartmentID != *sc.department {
			return false
		}
	}
	if rest == (scope{}) {
		return true
	}
	c := q.chatByID[d.ChatID]
	return c != nil && c.counts(rest)
}

var conversions = sheet{
	properties: same(
		count("conversions", "", "conversions"),
		count("chats", "", "chats"),
		count("chattedVisitors", "", "chattedVisitors"),
		count("convertedVisitors", "", "convertedVisitors"),
		count("convertedChattedVisitors", "", "convertedChattedVisitors"),
		property{name: "value", num: "millionths", whole: "units", unit: 1_000_000},
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		chatted, converted := map[string]bool{}, map[string]bool{}
		for _, c := range q.requested(sc, from, to) {
			if c.outcome == isChat {
				r["chats"]++
				chatted[c.req.Data.VisitorID] = true
			}
		}
		for _, e := range q.conversions {
			if (span{from, to}).holds(e.At) && q.holds(sc, func(sc scope) bool { return q.converts(e, sc) }) {
				r["conversions"]++
				r["units"] += int64(e.Data.Value / 1_000_000)
				r["millionths"] += int64(e.Data.Value % 1_000_000)
				converted[e.Subject] = true
			}
		}
		r["chattedVisitors"], r["convertedVisitors"] = int64(len(chatted)), int64(len(converted))
		for visitor := range converted {
			if chatted[visitor] {
				r["convertedChattedVisitors"]++
			}
		}
		return r
	},
}

// runConversions lists conversion actions only where there are conversions: their
// chats are everybody's.
func runConversions(q *query) any {
	s := conversions
	if q.of() == "conversionAction" {
		s.only = func(r raw) bool { return r["conversions"] > 0 }
	}
	return s.run(q)
}
