package oracle

import (
	"strings"

	"chatreports/shared/event"
)

// invited counts invitations of a kind that pass the test.
func (q *query) invited(kind string, from, to int64, test func(*event.Event) bool) raw {
	r := raw{}
	for _, e := range q.Oracle.invitations {
		if e.Data.Kind == kind && (span{from, to}).holds(e.At) && test(e) {
			r[strings.TrimPrefix(e.Type, "invitation.")]++
		}
	}
	return r
}

var sentAndAccepted = same(count("sent", "", "sent"), count("accepted", "", "accepted"))

var manualInvitation = sheet{
	properties: sentAndAccepted,
	raw: func(q *query, sc scope, from, to int64) raw {
		return q.invited("manual", from, to, func(e *event.Event) bool {
			return q.holds(sc, func(sc scope) bool { return sc.agent == nil || e.Data.AgentID == *sc.agent })
		})
	},
}

var autoInvitation = sheet{
	properties: sentAndAccepted,
	raw: func(q *query, sc scope, from, to int64) raw {
		return q.invited("auto", from, to, func(e *event.Event) bool {
			return q.holds(sc, func(sc scope) bool {
				return (sc.campaign == nil || e.Data.Campaign() == *sc.campaign) &&
					(sc.invitation == nil || e.Data.InvitationID == *sc.invitation)
			})
		})
	},
	extra: func(q *query, sc scope, _ raw, row map[string]any) {
		switch {
		case sc.invitation != nil:
			row["campaignId"] = q.campaignOf(*sc.invitation)
		case sc.none == "autoInvitation":
			row["campaignId"] = ""
		}
	},
}

// campaignOf is the campaign of an invitation: its own, else that of its newest
// event in the range that names one.
func (q *query) campaignOf(invitation string) string {
	if campaign, ok := q.invitationCampaign[invitation]; ok {
		return campaign
	}
	var campaign newest
	for _, e := range q.Oracle.invitations {
		if e.Data.InvitationID == invitation && e.Data.Campaign() != "" && (span{q.from, q.to}).holds(e.At) {
			campaign.say(e, e.Data.Campaign())
		}
	}
	return campaign.name()
}

var offlineMessage = sheet{
	properties: same(
		count("messages", "avgMessages", "messages"),
		count("fromOfflineButton", "avgFromOfflineButton", "button"),
		count("fromChatQueue", "avgFromChatQueue", "queue"),
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, e := range q.offline {
			if (span{from, to}).holds(e.At) && q.holds(sc, of(e)) {
				r["messages"]++
				r[e.Data.From]++
			}
		}
		return r
	},
}

// cannedMessage counts how often and by how many agents each was used.
func cannedMessage(q *query) any {
	rows := []any{}
	for _, id := range q.ids("cannedMessage") {
		used, agents := 0, map[string]bool{}
		for _, c := range q.chats {
			for _, m := range c.messages {
				category := m.category
				if category == "" {
					category = q.cannedCategory[id]
				}
				if m.canned == id && m.actor == "agent" && (span{q.from, q.to}).holds(m.at) &&
					(q.filter == "" || category == q.filterValue) {
					used++
					agents[m.id] = true
				}
			}
		}
		if used > 0 || q.known["cannedMessage"][id] && (q.filter == "" || q.cannedCategory[id] == q.filterValue) {
			rows = append(rows, map[string]any{"id": id, "usedTimes": float64(used), "agentsUsedIt": float64(len(agents))})
		}
	}
	return rows
}
