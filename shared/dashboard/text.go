package dashboard

import "sync"

// unit is how a figure is written.
type unit string

// Units.
const (
	whole   unit = "whole"   // a number of things
	mean    unit = "mean"    // a number with a fraction
	seconds unit = "seconds" // a length of time
	share   unit = "share"   // a fraction of 1
	score   unit = "score"   // a rating of 1 to 5
)

// word is how a property of a report is told: its name for people, and its unit.
type word struct {
	Label string
	Unit  unit
	// less: less of it is better. neither: it is neither good nor bad.
	less, neither bool
}

// words are the properties that pages show, by the names that reports have for them.
var words = map[string]word{
	"chatRequests":                  {Label: "Chat requests", Unit: whole, neither: true},
	"avgChatRequests":               {Label: "Chat requests an hour", Unit: mean, neither: true},
	"chats":                         {Label: "Chats", Unit: whole, neither: true},
	"missedChats":                   {Label: "Missed", Unit: whole, less: true},
	"refusedChats":                  {Label: "Refused", Unit: whole, less: true},
	"waitTimePercentiles.p50":       {Label: "Wait, median", Unit: seconds, less: true},
	"waitTimePercentiles.p90":       {Label: "Wait, 9 of 10 within", Unit: seconds, less: true},
	"avgWaitTime":                   {Label: "Wait, average", Unit: seconds, less: true},
	serviceLevel:                    {Label: "Answered within", Unit: share},
	"maxWaitTime":                   {Label: "Longest wait", Unit: seconds, less: true},
	"avgAgentResponseTime":          {Label: "Response, average", Unit: seconds, less: true},
	"avgChatTime":                   {Label: "Length, average", Unit: seconds, neither: true},
	"avgScore":                      {Label: "Rating", Unit: score},
	"medianFirstResponseTime":       {Label: "First response, median", Unit: seconds, less: true},
	"p90FirstResponseTime":          {Label: "First response, 9 of 10 within", Unit: seconds, less: true},
	"loggedInTime":                  {Label: "Signed in", Unit: seconds, neither: true},
	"ratings":                       {Label: "Ratings", Unit: whole, neither: true},
	"score5":                        {Label: "Score 5", Unit: whole, neither: true},
	"score4":                        {Label: "Score 4", Unit: whole, neither: true},
	"score3":                        {Label: "Score 3", Unit: whole, neither: true},
	"score2":                        {Label: "Score 2", Unit: whole, neither: true},
	"score1":                        {Label: "Score 1", Unit: whole, neither: true},
	"chatsInitialtedByVisitors":     {Label: "By visitors", Unit: whole, neither: true},
	"chatsFromManualInvitations":    {Label: "Manual invitations", Unit: whole, neither: true},
	"chatsFromAutoInvitations":      {Label: "Automatic invitations", Unit: whole, neither: true},
	"agentUtilization":              {Label: "Utilisation", Unit: share, neither: true},
	"avgConcurrentChats":            {Label: "Chats at once", Unit: mean, neither: true},
	"departmentTransferredInChats":  {Label: "Transferred in", Unit: whole, neither: true},
	"departmentTransferredOutChats": {Label: "Transferred out", Unit: whole, neither: true},
	"queuedChatRequests":            {Label: "Waited", Unit: whole, neither: true},
	"chatsFromQueue":                {Label: "Taken up", Unit: whole},
	"abandonedChats":                {Label: "Gave up", Unit: whole, less: true},
	"switchedToMessages":            {Label: "Left a message", Unit: whole, neither: true},
	"maxQueueSize":                  {Label: "Longest queue", Unit: whole, less: true},
	"conversions":                   {Label: "Conversions", Unit: whole},
	"value":                         {Label: "Value", Unit: mean},
	"convertedVisitors":             {Label: "Visitors who converted", Unit: whole},
	"convertedChattedVisitors":      {Label: "… and had chatted", Unit: whole},
	"sent":                          {Label: "Sent", Unit: whole, neither: true},
	"accepted":                      {Label: "Accepted", Unit: whole},
	"visits":                        {Label: "Visits", Unit: whole, neither: true},
	"botChats":                      {Label: "Conversations with a bot", Unit: whole, neither: true},
	"paidBotChats":                  {Label: "… beyond the welcome", Unit: whole, neither: true},
	"botChatMessages":               {Label: "Messages in them", Unit: whole, neither: true},
	"botInteractions":               {Label: "Used", Unit: whole, neither: true},
}

// groups say of what the rows of a group are: the head of their column, the property that
// tells it, and the directory's kind that has their names; rest: there may be something of none.
var groups = map[string]struct {
	head, property, kind string
	rest                 bool
}{
	byTime:       {head: "From"},
	byAgent:      {"Agent", "agentId", "agent", true},
	byDepartment: {"Department", "departmentId", "department", true},
	byCampaign:   {"Campaign", "campaignId", "campaign", true},
	byAction:     {"Action", "conversionActionId", "", false},
	byInvitation: {"Invitation", "autoInvitationId", "invitation", true},

	byStory:       {"Story", "group", "story", false},
	byInteraction: {"Interaction", "key", "", false},
}

// nameOfNone is what the row of what is of none is called.
const nameOfNone = "of none"

// presets are the ranges that can be chosen, in the order of the menu.
var presets = []struct{ Name, Label string }{
	{"today", "Today"},
	{"yesterday", "Yesterday"},
	{"last7", "Last 7 days"},
	{"last28", "Last 28 days"},
	{"thisMonth", "This month"},
	{"lastMonth", "Last month"},
	{"last90", "Last 90 days"},
	{"custom", "From … to …"},
}

// comparisons are the ranges that totals can be compared with: as the reports call them, in the
// menu, and beside a figure.
var comparisons = []struct{ Name, Label, Before string }{
	{"previous", "range before", "before"},
	{"lastYear", "last year", "a year ago"},
}

// levels are the service levels that can be chosen, in seconds.
var levels = []int{10, 20, 30, 60, 120, 300, 600}

// standing are the numbers of the present, by the property of the report that has them: of one,
// and of several.
var standing = []struct{ Name, One, Label string }{
	{"currentQueueLength", "waiting now", "waiting now"},
	{"ongoingChats", "chat going on", "chats going on"},
	{"agentsInChat", "agent in a chat", "agents in a chat"},
	{"loggedInAgents", "agent signed in", "agents signed in"},
	{"visitorsOnSite", "visitor on the site", "visitors on the site"},
}

// happenings are the events as the page of a chat tells them: who did it, the first of some words
// that says so, and what. In braces are members of the event; what is in brackets is left out
// where there is no such member, or nothing to say of it.
var happenings = sync.OnceValue(func() map[string]struct{ who, what string } { // only the page of a chat needs them
	return map[string]struct{ who, what string }{
		"visit.started":          {"visitor", "came to the site[, at {pageUrl}][, campaign {campaignId}]"},
		"page.viewed":            {"visitor", "looked at {pageUrl}"},
		"entrypoint.viewed":      {"visitor", "saw {entrypointType} “{entrypointId}”"},
		"entrypoint.clicked":     {"visitor", "clicked {entrypointType} “{entrypointId}”"},
		"invitation.matched":     {"visitor", "was one whom {kind} invitation “{invitationId}” is for"},
		"invitation.sent":        {"agentId", "{kind} invitation[ “{invitationId}”] was sent"},
		"invitation.accepted":    {"visitor", "accepted {kind} invitation[ “{invitationId}”]"},
		"invitation.declined":    {"visitor", "declined {kind} invitation[ “{invitationId}”]"},
		"invitation.ignored":     {"visitor", "ignored {kind} invitation[ “{invitationId}”]"},
		"invitation.expired":     {"", "{kind} invitation[ “{invitationId}”] expired"},
		"invitation.cancelled":   {"agentId", "{kind} invitation[ “{invitationId}”] was cancelled"},
		"invitation.unavailable": {"", "{kind} invitation[ “{invitationId}”] was not sent: nobody was there"},
		"conversion.recorded":    {"visitor", "reached {actionId}, worth {value}[, thanks to {agentId}]"},

		"chat.requested":           {"initiatedBy visitor", "asked for a chat[ with {departmentId}][, {source}][ “{invitationId}”][, on {pageUrl}][, through {channelId}][, campaign {campaignId}][, {offline}]"},
		"chat.queued":              {"visitor", "began to wait for {routeTo}"},
		"chat.accepted":            {"agentId", "took the chat up[, in {departmentId}]"},
		"chat.refused":             {"agentId", "refused the chat[, in {departmentId}]"},
		"chat.abandoned":           {"visitor", "gave up waiting"},
		"chat.missed":              {"", "nobody took the chat up in time"},
		"chat.switched_to_message": {"visitor", "left a message instead of waiting"},
		"chat.assigned":            {"by", "assigned the chat[ to {agentId}][ in {groupId}][, {routing}]"},
		"chat.transferred":         {"fromAgentId", "passed the chat on[ to {toAgentId}][, from {fromDepartmentId}][ to {toDepartmentId}]"},
		"chat.left":                {"agentId", "left the chat"},
		"message.sent":             {"actor", "wrote a message of {length} characters[, with the canned message “{cannedMessageId}”][{private}]"},
		"chat.closed":              {"by", "closed the chat[ {resolveType}][, as {successCode}]"},
		"chat.reopened":            {"by", "opened the chat again[, {cause}]"},
		"chat.labelled":            {"by", "labelled it {categoryId}[, {subCategoryId}]"},
		"chat.rated":               {"by visitor", "rated it {score} of 5[, {issueResolved}]"},
		"chat.wrapped_up":          {"agentId", "wrapped the chat up[: {fields}]"},
		"chat.tagged":              {"", "tagged {tag}"},
		"chat.untagged":            {"", "no longer tagged {tag}"},
		"chat.scored":              {"", "scored {cqlScore} as a lead"},
		"chat.blocked":             {"", "the visitor was blocked: {reason}"},
		"survey.submitted":         {"visitor", "filled in the survey {kind}[: {fields}]"},
		"bot.interaction":          {"bot", "answered, in the story “{storyId}”[: {interactionId}][, {interactionType}]"},

		"offline_message.submitted": {"visitor", "left a message[ {from}][ for {departmentId}]"},

		"agent.status_changed":      {"", "became {status}[, campaign {campaignId}]"},
		"agent.auto_assign_changed": {"by", "{enabled}"},
		"agent.updated":             {"", "the agent is[ {firstName}][ {lastName}][, {username}][, of {departmentIds}]"},
		"department.updated":        {"", "the department is called {name}"},
		"channel.updated":           {"", "the channel is called {name}"},
		"campaign.updated":          {"", "the campaign is called {name}"},
		"host.updated":              {"", "the host is called {hostname}"},
		"invitation.updated":        {"", "the invitation is called {name}"},
		"canned_message.updated":    {"", "the canned message is called {name}"},
		"story.updated":             {"", "the story is called {name}"},
		"event.retracted":           {"", "{type} {id} was taken back"},
	}
})

// values are the words of events in words; an empty one says nothing.
var values = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"entrypointType=button": "the button", "entrypointType=auto_invite": "the invitation",
		"kind=manual": "a personal", "kind=auto": "an automatic", "kind=prechat": "before the chat", "kind=postchat": "after the chat",
		"initiatedBy=visitor": "", "initiatedBy=agent": "an agent", "initiatedBy=bot": "a bot", "initiatedBy=system": "the system",
		"source=visitor": "", "source=manual_invitation": "after a personal invitation", "source=auto_invitation": "after an automatic invitation",
		"offline=true": "outside of service hours", "offline=false": "", "private=true": ": a note that the visitor does not see", "private=false": "",
		"outcome=chat": "taken up", "outcome=missed": "missed", "outcome=refused": "refused", "outcome=pending": "not taken up yet",
		"by=auto": "a rule", "routeTo=site": "anybody",
		"routing=intelliAssign": "automatically", "routing=rule": "by a rule", "routing=api": "by a program", "routing=dsat": "since the visitor was not content", "routing=channel": "by the channel",
		"resolveType=agent": "", "resolveType=auto": "automatically", "resolveType=bot": "as solved by a bot",
		"cause=agent_reopen": "", "cause=user_message": "since the visitor wrote", "cause=customer_dissatisfaction": "since the visitor was not content", "cause=bot": "for a bot",
		"issueResolved=true": "solved", "issueResolved=false": "not solved",
		"interactionType=welcome": "a welcome", "interactionType=fallback": "having understood nothing", "interactionType=contextFallback": "having understood nothing of what was expected",
		"from=button": "by the button", "from=queue": "out of the queue",
		"enabled=true": "chats are assigned automatically from now on", "enabled=false": "chats are no longer assigned automatically",
	}
})
