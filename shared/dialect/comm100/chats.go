package comm100

import (
	"iter"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// chatReports are about how many chats there are and where they come from.
var chatReports = []definition{
	{
		paths: []string{"chatVolume"}, family: "chats", groups: distributionsAnd(byVolume...), filters: byVolume,
		columns: []column{
			count("chatRequests", "avgChatRequests", measure.ChatRequests),
			count("chats", "avgChats", measure.Chats),
			count("missedChats", "avgMissedChats", measure.MissedChats),
			count("refusedChats", "avgRefusedChats", measure.RefusedChats),
		},
	},
	{
		paths: []string{"visits"}, family: "chats", groups: distributionsAnd(byCampaign...), filters: byCampaign,
		columns: []column{count("visits", "avgVisits", measure.Visits)},
	},
	{
		paths: []string{"chatSource"}, family: "chats", enterprise: true, groups: distributionsAnd(byDepartment...), filters: byDepartment,
		columns: []column{
			count("chats", "avgChats", measure.ChatsByVisitors, measure.ChatsByManualInvitation, measure.ChatsByAutoInvitation),
			count("chatsInitialtedByVisitors", "avgChatsInitialtedByVisitors", measure.ChatsByVisitors),
			count("chatsFromManualInvitations", "avgChatsFromManualInvitations", measure.ChatsByManualInvitation),
			count("chatsFromAutoInvitations", "avgChatsFromAutoInvitations", measure.ChatsByAutoInvitation),
		},
	},
	{
		paths: []string{"chatSource/requestPage", "chatSourceRequestPage"}, family: "chats", enterprise: true,
		columns: []column{uses("chats", measure.ChatsByPage)},
		keys:    func(_ *request, key string) (namedKey, bool) { return namedKey{of: key, RequestPage: key}, true },
		answer:  requestPages, table: []string{"chats", "requestPage"},
	},
}

// requestPages lists the pages chats were requested on, by URL.
func requestPages(r *request) (iter.Seq[dialect.Row], error) {
	result, err := r.run(r.buckets(), measure.None, nil, []report.Want{{Measure: measure.ChatsByPage}})
	if err != nil {
		return nil, err
	}
	keys := result.At("", 0, 0).Keys
	return func(yield func(dialect.Row) bool) {
		for _, page := range counted(keys) {
			if !yield(dialect.Row{{Name: "chats", Value: keys[page]}, {Name: "requestPage", Value: page}}) {
				return
			}
		}
	}, nil
}
