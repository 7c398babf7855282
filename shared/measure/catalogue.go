package measure

import "slices"

// ID names a measure for good: it is stored in blocks and must never be reused.
type ID uint16

const (
	ChatRequests ID = iota + 1
	Chats
	RefusedChats
	MissedChats
	ChatsByVisitors
	ChatsByManualInvitation
	ChatsByAutoInvitation
	ChatsByPage
	QueuedRequests
	ChatsFromQueue
	QueueSwitched
	QueueAbandoned
	QueueRefused
	QueueLevel
	QueueWait
	QueueWaitMissed
	Wait
	TransferredChats
	DepartmentTransferredChats
	TransferredIn
	TransferredOut
	ChatTime
	ChatLength
	ChatsWithAgent
	AgentMessages
	VisitorMessages
	CannedMessages
	LastByAgent
	Response
	Visits
)

// Measure is one row of the catalogue.
type Measure struct {
	ID    ID
	Name  string // stable, for users
	Unit  string // count, ms
	Shape Shape
	// Series lists what blocks are kept for.
	Series []Series
	// When it counts, and for whom; Definition is SEMANTICS' own.
	When, Whom, Definition string
}

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
)

// Catalogue lists every measure.
var Catalogue = slices.Concat(ofChats, ofSatisfaction, ofOutreach, ofAgents, ofRealtime)

// ofChats are the measures of requests, chats, queues and visits.
var ofChats = []Measure{
	{ChatRequests, "chatRequests", "count", Sum, bySegment, requested, perRequest, "chat requests"},
	{Chats, "chats", "count", Sum, byAll, requested, perPart, "requests accepted by an agent or a bot"},
	{RefusedChats, "refusedChats", "count", Sum, bySegment, requested, perRequest, "requests refused and taken up by nobody"},
	{MissedChats, "missedChats", "count", Sum, bySegment, requested, perRequest, "requests abandoned, switched to a message, missed outright, or closed and never taken up"},
	{ChatsByVisitors, "chatsInitiatedByVisitors", "count", Sum, byDept, requested, perPart, "chats that visitors began"},
	{ChatsByManualInvitation, "chatsFromManualInvitations", "count", Sum, byDept, requested, perPart, "chats that began with an agent's invitation"},
	{ChatsByAutoInvitation, "chatsFromAutoInvitations", "count", Sum, byDept, requested, perPart, "chats that began with a rule's invitation"},
	{ChatsByPage, "chatsByPage", "count", Keyed, []Series{site}, requested, "the page of the request", "chats by the page they were requested on"},
	{QueuedRequests, "queuedChatRequests", "count", Sum, byDept, requested, perRequest, "requests that ever waited in a queue"},
	{ChatsFromQueue, "chatsFromQueue", "count", Sum, byDept, requested, perRequest, "queued requests that an agent accepted after the first queueing"},
	{QueueSwitched, "switchedToMessages", "count", Sum, byDept, requested, perRequest, "queued requests switched to an offline message"},
	{QueueAbandoned, "abandonedChats", "count", Sum, byDept, requested, perRequest, "queued requests the visitor abandoned"},
	{QueueRefused, "refusedQueuedChats", "count", Sum, byDept, requested, perRequest, "queued requests that were refused"},
	{QueueLevel, "queueSize", "count", Step, []Series{queue}, "while it waits", "the queue", "requests waiting in one queue"},
	{QueueWait, "queueWaitTime", "ms", Samples, byDept, requested, perRequest, "from the first queueing to an agent, abandonment, switch or miss"},
	{QueueWaitMissed, "queueWaitTimeOfMissedChats", "ms", Samples, byDept, requested, perRequest, "the same wait in queues, of requests that no agent took"},
	{Wait, "waitTime", "ms", Samples, byAgent, requested, perPart, "from the request to the first of accepted, abandoned, switched, missed"},
	{TransferredChats, "transferredChats", "count", Sum, byDept, requested, perPart, "chats with any transfer"},
	{DepartmentTransferredChats, "departmentTransferredChats", "count", Sum, byDept, requested, perPart, "chats moved between departments"},
	{TransferredIn, "departmentTransferredInChats", "count", Sum, []Series{department}, requested, "the department moved to", "chats moved into the department"},
	{TransferredOut, "departmentTransferredOutChats", "count", Sum, []Series{department}, requested, "the department moved from", "chats moved out of the department"},
	{ChatTime, "totalChatTime", "ms", Level, byAgent, "spread over the time it covers", "an agent's and a department's own part; the site counts each chat once", "from the first acceptance by an agent to the close, without the time between a close and a reopening"},
	{ChatLength, "chatTime", "ms", Samples, byAgent, requested, "an agent's and a department's own part", "the length of one chat: from the first acceptance by an agent to the close, without the time between a close and a reopening"},
	{ChatsWithAgent, "chatsWithAgent", "count", Sum, byAgent, requested, perPart, "chats an agent took part in"},
	{AgentMessages, "agentMessages", "count", Sum, byAgent, requested, "the agent who wrote, the department then", "messages of agents, private ones left out"},
	{VisitorMessages, "visitorMessages", "count", Sum, byAgent, requested, "agents then in the chat, the department then", "messages of visitors"},
	{CannedMessages, "cannedMessages", "count", Sum, byAgent, requested, "the agent who wrote, the department then", "messages of agents that were canned"},
	{LastByAgent, "lastMessageSentByAgent", "count", Sum, byAgent, requested, "the agent who wrote it; every department that handled the chat", "chats whose last message is an agent's"},
	{Response, "responseTime", "ms", Samples, byAgent, "at the agent's message", "that agent, the department then", "from the first visitor message not yet answered to the next agent message"},
	{Visits, "visits", "count", Sum, []Series{site, campaign}, "when the visit started", "the campaign of the visit", "visits"},
}

// CanLast says whether a contribution of the measure may have no end yet. Of all
// samples only the length of a chat grows.
func (m *Measure) CanLast() bool {
	return m.Shape == Level || m.Shape == Step || m.Shape == Peak || m.ID == ChatLength
}

var byID = func() (out [256]*Measure) {
	for i := range Catalogue {
		out[Catalogue[i].ID] = &Catalogue[i]
	}
	return out
}()

// Get returns the catalogue's row of a measure.
func Get(id ID) *Measure { return byID[id] }
