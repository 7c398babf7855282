package measure

import "slices"

// ID names a measure for good: it is stored in every block, and a number that was
// ever used is never used again. To add a measure, give it a free number here (the
// files beside this one say from where they number theirs) and a row in Catalogue;
// shared/cell's golden file then wants its line.
type ID uint16

const (
	ChatRequests               ID = 1
	Chats                      ID = 2
	RefusedChats               ID = 3
	MissedChats                ID = 4
	ChatsByVisitors            ID = 5
	ChatsByManualInvitation    ID = 6
	ChatsByAutoInvitation      ID = 7
	ChatsByPage                ID = 8
	QueuedRequests             ID = 9
	ChatsFromQueue             ID = 10
	QueueSwitched              ID = 11
	QueueAbandoned             ID = 12
	QueueRefused               ID = 13
	QueueLevel                 ID = 14
	QueueWait                  ID = 15
	QueueWaitMissed            ID = 16
	Wait                       ID = 17
	TransferredChats           ID = 18
	DepartmentTransferredChats ID = 19
	TransferredIn              ID = 20
	TransferredOut             ID = 21
	ChatTime                   ID = 22
	ChatLength                 ID = 23
	ChatsWithAgent             ID = 24
	AgentMessages              ID = 25
	VisitorMessages            ID = 26
	CannedMessages             ID = 27
	LastByAgent                ID = 28
	Response                   ID = 29
	Visits                     ID = 30
	FirstResponse              ID = 31
)

// Measure is one row of the catalogue: everything there is to know of a measure.
type Measure struct {
	ID    ID
	Name  string // stable, for users
	Unit  string // count, ms, millionths
	Shape Shape
	// Series lists what blocks are kept for; Group says with which other measures.
	Series []Series
	Group  Group
	// Open says with what it lies while it has no end.
	Open Open
	// Of are the measures it is made of, its bases, and Rule says how, if many facts
	// make it up together.
	Of   []ID
	Rule Rule
	// Apart are the dimensions whose values have contributions of their own, without the site:
	// so none says that something counts for no such value.
	Apart []Dim
	// Since is the generation of facts that first contributed to it.
	Since uint8
	// When it counts, and for whom; Definition is SEMANTICS' own.
	When, Whom, Definition string
}

// TellsNone says whether contributions of the measure tell what counts for no value of a
// dimension.
func (m *Measure) TellsNone(dim Dim) bool {
	return m.Rule == OfFacts && m.Shape != Computed && !slices.Contains(m.Apart, dim)
}

// CanLast says whether a contribution of the measure may have no end yet.
func (m *Measure) CanLast() bool { return m.Open != NeverOpen }

var (
	site            = Series{Site}
	agent           = Series{Agent}
	department      = Series{Department}
	agentDepartment = Series{AgentDepartment}
	campaign        = Series{Campaign}
	segment         = Series{Segment}
	queue           = Series{Queue}

	bySegment  = []Series{site, department, campaign, segment, {Department, Campaign}, {Department, Segment}, {Campaign, Segment}}
	byDept     = []Series{site, department}
	byAgent    = []Series{site, agent, department, agentDepartment}
	byAll      = append([]Series{agent, agentDepartment}, bySegment...)
	requested  = "when the chat was requested"
	perRequest = "every department that handled it, or the one asked for if nobody accepted; campaign and segments of the request"
	perPart    = "every agent who took part and every department that handled it"
	perServed  = perPart + "; campaign and segments of the request"
)

// Catalogue lists every measure.
var Catalogue = slices.Concat(ofChats, ofSatisfaction, ofOutreach, ofAgents, ofRealtime, ofBots, ofDocuments, ofTold)

// ofChats are the measures of requests, chats, queues and visits.
var ofChats = []Measure{
	{ID: ChatRequests, Name: "chatRequests", Unit: "count", Shape: Sum, Group: Volume, Series: bySegment, When: requested, Whom: perRequest, Definition: "chat requests"},
	{ID: Chats, Name: "chats", Unit: "count", Shape: Sum, Group: Volume, Series: byAll, When: requested, Whom: perPart, Definition: "requests accepted by an agent or a bot"},
	{ID: RefusedChats, Name: "refusedChats", Unit: "count", Shape: Sum, Group: Volume, Series: bySegment, When: requested, Whom: perRequest, Definition: "requests refused and taken up by nobody"},
	{ID: MissedChats, Name: "missedChats", Unit: "count", Shape: Sum, Group: Volume, Series: bySegment, When: requested, Whom: perRequest, Definition: "requests abandoned, switched to a message, missed outright, or closed and never taken up"},
	{ID: ChatsByVisitors, Name: "chatsInitiatedByVisitors", Unit: "count", Shape: Sum, Series: byDept, When: requested, Whom: perPart, Definition: "chats that visitors began"},
	{ID: ChatsByManualInvitation, Name: "chatsFromManualInvitations", Unit: "count", Shape: Sum, Series: byDept, When: requested, Whom: perPart, Definition: "chats that began with an agent's invitation"},
	{ID: ChatsByAutoInvitation, Name: "chatsFromAutoInvitations", Unit: "count", Shape: Sum, Series: byDept, When: requested, Whom: perPart, Definition: "chats that began with a rule's invitation"},
	{ID: ChatsByPage, Name: "chatsByPage", Unit: "count", Shape: Keyed, Group: Pages, Series: []Series{site}, When: requested, Whom: "the page of the request", Definition: "chats by the page they were requested on"},
	{ID: QueuedRequests, Name: "queuedChatRequests", Unit: "count", Shape: Sum, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "requests that ever waited in a queue"},
	{ID: ChatsFromQueue, Name: "chatsFromQueue", Unit: "count", Shape: Sum, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "queued requests that an agent accepted after the first queueing"},
	{ID: QueueSwitched, Name: "switchedToMessages", Unit: "count", Shape: Sum, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "queued requests switched to an offline message"},
	{ID: QueueAbandoned, Name: "abandonedChats", Unit: "count", Shape: Sum, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "queued requests the visitor abandoned"},
	{ID: QueueRefused, Name: "refusedQueuedChats", Unit: "count", Shape: Sum, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "queued requests that were refused"},
	{ID: QueueLevel, Name: "queueSize", Unit: "count", Shape: Step, Group: Lines, Open: OpenQueues, Series: []Series{queue}, When: "while it waits", Whom: "the queue", Definition: "requests waiting in one queue"},
	{ID: QueueWait, Name: "queueWaitTime", Unit: "ms", Shape: Samples, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "from the first queueing to an agent, abandonment, switch or miss"},
	{ID: QueueWaitMissed, Name: "queueWaitTimeOfMissedChats", Unit: "ms", Shape: Samples, Group: Queueing, Series: byDept, When: requested, Whom: perRequest, Definition: "the same wait in queues, of requests that no agent took"},
	{ID: Wait, Name: "waitTime", Unit: "ms", Shape: Samples, Group: Waits, Series: byAgent, When: requested, Whom: perServed, Definition: "from the request to the first of accepted, abandoned, switched, missed"},
	{ID: TransferredChats, Name: "transferredChats", Unit: "count", Shape: Sum, Series: byDept, When: requested, Whom: perPart, Definition: "chats with any transfer"},
	{ID: DepartmentTransferredChats, Name: "departmentTransferredChats", Unit: "count", Shape: Sum, Series: byDept, When: requested, Whom: perPart, Definition: "chats moved between departments"},
	{ID: TransferredIn, Name: "departmentTransferredInChats", Unit: "count", Shape: Sum, Series: []Series{department}, When: requested, Whom: "the department moved to", Definition: "chats moved into the department"},
	{ID: TransferredOut, Name: "departmentTransferredOutChats", Unit: "count", Shape: Sum, Series: []Series{department}, When: requested, Whom: "the department moved from", Definition: "chats moved out of the department"},
	{ID: ChatTime, Name: "totalChatTime", Unit: "ms", Shape: Level, Group: Attended, Open: OpenLengths, Series: byAgent, Apart: []Dim{Agent}, When: "spread over the time it covers", Whom: "an agent's and a department's own part; the site counts each chat once", Definition: "from the first acceptance by an agent to the close, without the time between a close and a reopening"},
	{ID: ChatLength, Name: "chatTime", Unit: "ms", Shape: Samples, Group: Attended, Open: OpenLengths, Series: byAgent, Apart: []Dim{Agent, Department}, When: requested, Whom: "an agent's and a department's own part", Definition: "the length of one chat: from the first acceptance by an agent to the close, without the time between a close and a reopening"},
	{ID: ChatsWithAgent, Name: "chatsWithAgent", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: perPart, Definition: "chats an agent took part in"},
	{ID: AgentMessages, Name: "agentMessages", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: "the agent who wrote, the department then", Definition: "messages of agents, private ones left out"},
	{ID: VisitorMessages, Name: "visitorMessages", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: "agents then in the chat, the department then", Definition: "messages of visitors"},
	{ID: CannedMessages, Name: "cannedMessages", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: "the agent who wrote, the department then", Definition: "messages of agents that were canned"},
	{ID: LastByAgent, Name: "lastMessageSentByAgent", Unit: "count", Shape: Sum, Group: Attended, Series: byAgent, When: requested, Whom: "the agent who wrote it; every department that handled the chat", Definition: "chats whose last message is an agent's"},
	{ID: Response, Name: "responseTime", Unit: "ms", Shape: Samples, Group: Attended, Series: byAgent, When: "at the agent's message", Whom: "that agent, the department then", Definition: "from the first visitor message not yet answered to the next agent message"},
	{ID: FirstResponse, Name: "firstResponseTime", Unit: "ms", Shape: Samples, Group: Waits, Series: append([]Series{campaign}, byAgent...), Since: firstResponsesSince, When: "at the agent's message", Whom: "that agent, the department then, the campaign of the request", Definition: "of each interaction, from the request, or the reopening that began it, to the first message of an agent in it, private ones left out; a message before the request took no time"},
	{ID: Visits, Name: "visits", Unit: "count", Shape: Sum, Series: []Series{site, campaign}, When: "when the visit started", Whom: "the campaign of the visit", Definition: "visits"},
}

var byID = func() (out [256]*Measure) {
	for i := range Catalogue {
		out[Catalogue[i].ID] = &Catalogue[i]
	}
	return out
}()

// Get returns the catalogue's row of a measure, or nil: a newer version may have
// stored what this one does not know.
func Get(id ID) *Measure {
	if int(id) >= len(byID) {
		return nil
	}
	return byID[id]
}
