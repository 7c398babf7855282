package oracle

import (
	"slices"
	"strings"

	"chatreports/shared/event"
)

// counts says whether a request counts in a scope.
func (c *chat) counts(sc scope) bool {
	switch {
	case sc.agent != nil && sc.department != nil:
		if !c.pairs[[2]string{*sc.agent, *sc.department}] {
			return false
		}
	case sc.agent != nil:
		if !c.agents[*sc.agent] {
			return false
		}
	case sc.department != nil:
		if !c.departments[*sc.department] {
			return false
		}
	}
	if sc.campaign != nil && c.req.Data.Campaign() != *sc.campaign {
		return false
	}
	return sc.segment == nil || slices.Contains(c.req.Data.SegmentIDs, *sc.segment)
}

// requested is the requests of a scope made in [from, to).
func (q *query) requested(sc scope, from, to int64) []*chat {
	var list []*chat
	for _, c := range q.chats {
		if (span{from, to}).holds(c.requestedAt) && q.holds(sc, c.counts) {
			list = append(list, c)
		}
	}
	return list
}

var chatVolume = sheet{
	properties: same(
		count("chatRequests", "avgChatRequests", "requests"),
		count("chats", "avgChats", isChat),
		count("missedChats", "avgMissedChats", missed),
		count("refusedChats", "avgRefusedChats", refused),
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.requested(sc, from, to) {
			r["requests"]++
			r[c.outcome]++
		}
		return r
	},
}

// of says whether an event that names a campaign, a department or segments counts
// in a scope.
func of(e *event.Event) func(sc scope) bool {
	return func(sc scope) bool {
		return (sc.campaign == nil || e.Data.Campaign() == *sc.campaign) &&
			(sc.department == nil || e.Data.DepartmentID == *sc.department) &&
			(sc.segment == nil || slices.Contains(e.Data.SegmentIDs, *sc.segment))
	}
}

var visits = sheet{
	properties: same(count("visits", "avgVisits", "visits")),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, e := range q.visits {
			if (span{from, to}).holds(e.At) && q.holds(sc, of(e)) {
				r["visits"]++
			}
		}
		return r
	},
}

var chatSource = sheet{
	properties: same(
		count("chats", "avgChats", "all"),
		count("chatsInitialtedByVisitors", "avgChatsInitialtedByVisitors", "visitor"),
		count("chatsFromManualInvitations", "avgChatsFromManualInvitations", "manual_invitation"),
		count("chatsFromAutoInvitations", "avgChatsFromAutoInvitations", "auto_invitation"),
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.requested(sc, from, to) {
			if c.outcome == isChat {
				r[c.req.Data.Source]++
			}
		}
		r["all"] = r["visitor"] + r["manual_invitation"] + r["auto_invitation"]
		return r
	},
}

// requestPage counts the chats of every page that has one.
func requestPage(q *query) any {
	chats := map[string]int64{}
	for _, c := range q.requested(scope{}, q.from, q.to) {
		if url := c.req.Data.PageURL; url != "" && c.outcome == isChat {
			chats[url]++
		}
	}
	var urls []string
	for url := range chats {
		urls = append(urls, url)
	}
	slices.SortFunc(urls, strings.Compare)
	rows := []any{}
	for _, url := range urls {
		rows = append(rows, map[string]any{"requestPage": url, "chats": float64(chats[url])})
	}
	return rows
}

var chatTransfer = sheet{
	properties: func(group string) []property {
		if group == "department" {
			return []property{
				count("departmentTransferredInChats", "", "in"),
				count("departmentTransferredOutChats", "", "out"),
				count("chats", "", "chats"),
			}
		}
		return []property{
			count("chats", "", "chats"),
			count("totalTransferredChats", "", "transferred"),
			count("departmentTransferredChats", "", "between"),
		}
	},
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.requested(scope{}, from, to) {
			if c.outcome != isChat {
				continue
			}
			if sc.department != nil {
				if c.toDepartments[*sc.department] {
					r["in"]++
				}
				if c.ofDepartments[*sc.department] {
					r["out"]++
				}
			}
			if !q.holds(sc, c.counts) {
				continue
			}
			r["chats"]++
			if c.transferred {
				r["transferred"]++
			}
			if len(c.toDepartments) > 0 {
				r["between"]++
			}
		}
		return r
	},
}
