package dashboard

import (
	"cmp"
	"slices"
)

// page is one page: a row of the table. It is live where it shows the present.
type page struct {
	// Path is where it is; Name what the menu calls it.
	Path, Name string
	// About is one sentence under its title.
	About string
	// Standing: it begins with the numbers of the present.
	Standing bool
	// lists are its tables of the present, which come next; panels its figures of a range.
	lists  []list
	panels []panel
}

// panel is one part of a page: figures of reports that have rows of the same kind.
type panel struct {
	name  string
	title string
	// note says what a reader might take wrongly.
	note  string
	shape shape
	// group is the reports' parameter; byTime stands for the period that suits the range.
	group string
	// by: of the periods there is a figure for each entity of this group; the panel has one
	// figure then.
	by    string
	parts []part
	// wide: it takes the whole width.
	wide bool
}

// part is what a panel takes of one report: some of its properties, in order.
type part struct {
	report  string
	columns []string
}

// shape is how a panel is shown.
type shape string

// Shapes.
const (
	tiles    shape = "tiles"  // one row: a large figure for each column
	series   shape = "series" // a row for each period, drawn as a chart too
	entities shape = "table"  // a row for each entity
	heat     shape = "heat"   // a row for each hour of the week: seven by 24
)

// of is the group whose entities the panel tells of.
func (p *panel) of() string { return cmp.Or(p.by, p.group) }

// serviceLevel is the property that tells what share was answered in time.
const serviceLevel = "answeredWithin"

// byTime is the group of the period that suits the range.
const byTime = "time"

// ofUTC says of ChatBot's reports where their days begin.
const ofUTC = "ChatBot's reports count from the range's first midnight to its last, by days of UTC."

// ratings are how many there are, and of each score.
var ratings = []part{{"leaderboard", []string{"avgScore", "ratings"}}, {"rating", []string{"score5", "score4", "score3", "score2", "score1"}}}

// groups of Comm100's reports, and of ChatBot's.
const (
	inAll        = "total"
	byHourOfWeek = "24*7Distribution"
	byAgent      = "agent"
	byDepartment = "department"
	byCampaign   = "campaign"
	byAction     = "conversionAction"
	byInvitation = "autoInvitation"

	byStory       = "storyId"
	byInteraction = "interaction"
)

// pages is the table of pages.
var pages = []page{
	{
		Path: "/", Name: "Overview", About: "How many chats there were, how long visitors waited, and how they liked it.", Standing: true,
		lists: []list{agentsNow, waitingNow},
		panels: []panel{
			{name: "totals", title: "In this range", shape: tiles, group: inAll, parts: []part{
				{"chatVolume", []string{"chatRequests", "chats", "missedChats", "refusedChats"}},
				{"waitTime", []string{serviceLevel, "waitTimePercentiles.p50", "waitTimePercentiles.p90"}},
				{"firstResponseTime", []string{"medianFirstResponseTime", "p90FirstResponseTime"}},
				{"efficiency", []string{"avgAgentResponseTime", "avgChatTime"}},
				{"rating", []string{"avgScore"}},
			}},
			{name: "volume", title: "Chats", shape: series, group: byTime, wide: true, parts: []part{{"chatVolume", []string{"chats", "missedChats", "refusedChats"}}}},
			{name: "waits", title: "Wait in the queue", shape: series, group: byTime, wide: true, parts: []part{{"waitTime", []string{"waitTimePercentiles.p50", "waitTimePercentiles.p90"}}}},
			{name: "level", title: "Answered in time", shape: series, group: byTime, wide: true, parts: []part{{"waitTime", []string{serviceLevel}}}},
			{name: "responses", title: "First response", shape: series, group: byTime, wide: true, parts: []part{{"firstResponseTime", []string{"medianFirstResponseTime", "p90FirstResponseTime"}}}},
			{name: "sources", title: "Where chats come from", shape: series, group: byTime, wide: true, parts: []part{{"chatSource", []string{"chatsInitialtedByVisitors", "chatsFromManualInvitations", "chatsFromAutoInvitations"}}}},
		},
	},
	{
		Path: "/dashboard/agents", Name: "Agents", About: "Who took how many chats, how fast they answered, and how they were rated.",
		panels: []panel{{
			name: "agents", title: "Agents", shape: entities, group: byAgent, wide: true,
			parts: []part{
				{"leaderboard", []string{"chats", "avgWaitTime", "medianFirstResponseTime", "p90FirstResponseTime", "avgScore", "ratings", "loggedInTime", "agentUtilization"}},
				{"efficiency", []string{"avgAgentResponseTime", "avgChatTime"}},
				{"workload", []string{"avgConcurrentChats"}},
			},
		}, {
			name: "taken", title: "Chats by agent", shape: series, group: byTime, by: byAgent, wide: true, parts: []part{{"workload", []string{"chats"}}},
		}, {
			name: "workload", title: "Utilisation", shape: series, group: byTime, wide: true, parts: []part{{"workload", []string{"agentUtilization"}}},
		}},
	},
	{
		Path: "/dashboard/departments", Name: "Departments", About: "What each department had to do, and how long visitors waited for it.",
		panels: []panel{{
			name: "departments", title: "Departments", shape: entities, group: byDepartment, wide: true,
			parts: []part{
				{"chatVolume", []string{"chatRequests", "chats", "missedChats", "refusedChats"}},
				{"waitTime", []string{"waitTimePercentiles.p50", "waitTimePercentiles.p90"}},
				{"firstResponseTime", []string{"medianFirstResponseTime", "p90FirstResponseTime"}},
				{"efficiency", []string{"avgAgentResponseTime", "avgChatTime"}},
				{"rating", []string{"avgScore"}},
			},
		}, {
			name: "handled", title: "Chats by department", shape: series, group: byTime, by: byDepartment, wide: true, parts: []part{{"chatVolume", []string{"chats"}}},
		}, {
			name: "transfers", title: "Transfers", shape: entities, group: byDepartment, parts: []part{{"chatTransfer", []string{"departmentTransferredInChats", "departmentTransferredOutChats"}}},
		}},
	},
	{
		Path: "/dashboard/queues", Name: "Queues", About: "When visitors come, how many waited, and for how long.", Standing: true,
		lists: []list{waitingNow},
		panels: []panel{
			{name: "queue", title: "The queue", note: "Whom a bot took up, who was missed, and who still waits became none of these.", shape: tiles, group: inAll, parts: []part{
				{"queue", []string{"queuedChatRequests", "chatsFromQueue", "abandonedChats", "switchedToMessages", "refusedChats", "maxQueueSize"}},
				{"waitTime", []string{serviceLevel, "waitTimePercentiles.p50", "waitTimePercentiles.p90", "avgWaitTime", "maxWaitTime"}},
			}},
			{name: "hours", title: "Hours of the week", note: "Chat requests in an hour, on average: the stronger the colour, the more.", shape: heat, group: byHourOfWeek, wide: true, parts: []part{{"chatVolume", []string{"avgChatRequests"}}}},
			{name: "staff", title: "Answered in time, by hours of the week", note: "The share of those who waited whom an agent took up in time: where the colour is weak, more agents would have helped.", shape: heat, group: byHourOfWeek, wide: true, parts: []part{{"waitTime", []string{serviceLevel}}}},
			{name: "outcomes", title: "What became of those who waited", shape: series, group: byTime, wide: true, parts: []part{{"queue", []string{"chatsFromQueue", "abandonedChats", "switchedToMessages"}}}},
			{name: "queues", title: "By department", shape: entities, group: byDepartment, wide: true, parts: []part{
				{"queue", []string{"queuedChatRequests", "chatsFromQueue", "abandonedChats", "maxQueueSize"}}, {"waitTime", []string{serviceLevel, "waitTimePercentiles.p50", "waitTimePercentiles.p90", "avgWaitTime"}},
			}},
			{name: "levels", title: "Answered in time, by department", shape: series, group: byTime, by: byDepartment, wide: true, parts: []part{{"waitTime", []string{serviceLevel}}}},
		},
	},
	{
		Path: "/dashboard/satisfaction", Name: "Satisfaction", About: "The ratings that visitors gave, the last one of each chat.",
		panels: []panel{
			{name: "ratings", title: "In this range", shape: tiles, group: inAll, parts: ratings},
			{name: "scores", title: "Ratings", shape: series, group: byTime, wide: true, parts: []part{{"rating", []string{"score5", "score4", "score3", "score2", "score1"}}}},
			{name: "rated", title: "By agent", shape: entities, group: byAgent, wide: true, parts: ratings},
		},
	},
	{
		Path: "/dashboard/bots", Name: "Bots", About: "What bots talked about, and which of their stories and interactions were used.",
		panels: []panel{
			{name: "bots", title: "In this range", shape: tiles, group: inAll, note: ofUTC, parts: []part{
				{"/reports/conversations", []string{"botChats"}}, {"/reports/conversations.paid", []string{"paidBotChats"}}, {"/reports/conversations.messages", []string{"botChatMessages"}},
			}},
			{name: "talks", title: "Conversations", shape: series, group: byTime, wide: true, parts: []part{
				{"/reports/conversations", []string{"botChats"}}, {"/reports/conversations.paid", []string{"paidBotChats"}},
			}},
			{name: "stories", title: "By story", shape: entities, group: byStory, note: "A conversation counts in every story that it passed through.", parts: []part{
				{"/reports/conversations", []string{"botChats"}}, {"/reports/conversations.messages", []string{"botChatMessages"}},
			}},
			{name: "interactions", title: "Interactions", shape: entities, group: byInteraction, parts: []part{{"/reports/interactions", []string{"botInteractions"}}}},
		},
	},
	{
		Path: "/dashboard/conversions", Name: "Conversions", About: "What chats and invitations led to.",
		panels: []panel{
			{name: "actions", title: "By action", shape: entities, group: byAction, wide: true, parts: []part{{"conversions", []string{"conversions", "value", "convertedVisitors", "convertedChattedVisitors"}}}},
			{name: "converted", title: "Conversions", shape: series, group: byTime, wide: true, parts: []part{{"conversions", []string{"conversions"}}}},
			{name: "invitations", title: "Automatic invitations", shape: entities, group: byInvitation, wide: true, parts: []part{{"autoInvitation", []string{"sent", "accepted"}}}},
			{name: "visits", title: "Visits", shape: series, group: byTime, wide: true, parts: []part{{"visits", []string{"visits"}}}},
		},
	},
	{
		Path: "/dashboard/exports", Name: "Exports", About: "How figures and chats are had as files; files that are made, links that are open to whoever has them, reports that are delivered again and again.",
		lists: []list{ways, jobs, links, schedules},
	},
	{
		Path: "/dashboard/data", Name: "Data", About: "How fresh the figures are, whether they follow from the events, and what was wrong with what was sent.",
		lists: []list{freshness, unmerged, verification, mistakes},
	},
}

// Live says whether the page shows anything of the present.
func (p *page) Live() bool { return p.Standing || p.lists != nil }

// Ranged says whether it shows figures of a range.
func (p *page) Ranged() bool { return p.panels != nil }

// Timely says whether it shows what was answered in time.
func (p *page) Timely() bool {
	for i := range p.panels {
		for _, part := range p.panels[i].parts {
			if slices.Contains(part.columns, serviceLevel) {
				return true
			}
		}
	}
	return false
}

// Rows says whether it has tables of entities that may leave out what is of none.
func (p *page) Rows() bool {
	return slices.ContainsFunc(p.panels, func(p panel) bool { return p.rest() })
}

// rest says whether there may be something of no entity in the panel's rows.
func (p *panel) rest() bool { return p.shape == entities && groups[p.group].rest }

// find is the page at a path, or nil.
func find(path string) *page {
	for i := range pages {
		if pages[i].Path == path {
			return &pages[i]
		}
	}
	return nil
}
