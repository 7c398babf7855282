package dashboard

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
