package measure

import (
	"slices"

	"chatreports/shared/fact"
)

// Measures of agents' time. They are numbered from 100.
const (
	// LoggedIn, Online: per agent; of a department only while a member.
	LoggedIn ID = 100
	Online   ID = 101
	// OnlineAny is how many agents are online: of the site, and of a department
	// of its members.
	OnlineAny ID = 102
	// InChat is in how many chats an agent is, LoggedInStep whether it is logged
	// in: as functions of time, for what they have in common.
	InChat       ID = 103
	LoggedInStep ID = 104
	// LinearChatTime follows, per agent, from InChat and LoggedInStep: see cell.
	LinearChatTime ID = 105
	// MaxQueueSize is computed on read from QueuePeak, which follows from QueueLevel.
	MaxQueueSize ID = 106
	QueuePeak    ID = 107
)

var ofAgents = []Measure{
	{ID: LoggedIn, Name: "loggedInTime", Unit: "ms", Shape: Level, Group: Attended, Open: OpenStatuses, Series: byAgent, When: "spread over the time it covers", Whom: "the agent; its departments while a member; the site as the sum over agents", Definition: "any status but offline"},
	{ID: Online, Name: "onlineTime", Unit: "ms", Shape: Level, Group: Attended, Open: OpenStatuses, Series: []Series{agent, agentDepartment}, When: "spread over the time it covers", Whom: "the agent; of a department only while a member", Definition: "status online"},
	{ID: OnlineAny, Name: "agentsOnline", Unit: "count", Shape: Step, Open: OpenStatuses, Series: byDept, When: "while it lasts", Whom: "the site; departments, of their members", Definition: "agents in status online; its time above zero is for how long somebody was online"},
	{ID: InChat, Name: "ongoingChats", Unit: "count", Shape: Step, Open: OpenOthers, Series: []Series{agent, agentDepartment}, When: "while it lasts", Whom: "every agent who took part; of a department while the chat was in it", Definition: "chats an agent is in"},
	{ID: LoggedInStep, Name: "loggedIn", Unit: "count", Shape: Step, Open: OpenStatuses, Series: []Series{agent, agentDepartment}, When: "while it lasts", Whom: "the agent; of a department only while a member", Definition: "whether an agent is logged in"},
	{ID: LinearChatTime, Name: "linearChatTime", Unit: "ms", Shape: Level, Group: Attended, Open: OpenStatuses, Rule: Both, Of: []ID{InChat, LoggedInStep}, Series: byAgent, When: "spread over the time it covers", Whom: "per agent; of several agents the sum; of a department members' time in its chats", Definition: "the time logged in and in at least one chat"},
	{ID: QueuePeak, Name: "queuePeak", Unit: "count", Shape: Peak, Open: OpenQueues, Rule: Largest, Of: []ID{QueueLevel}, Series: []Series{queue}, When: "in whole quarter hours", Whom: "the queue", Definition: "the largest number of requests waiting in one queue in a quarter hour"},
	{ID: MaxQueueSize, Name: "maxQueueSize", Unit: "count", Shape: Computed, Of: []ID{QueuePeak, QueueLevel}, When: "at any moment of the bucket", Whom: "of any one queue; of a department its own", Definition: "the largest number of requests waiting in one queue"},
}

// ofAgent lists what an agent's day contributes: each stretch of one status in
// one set of departments.
func ofAgent(l *list, a *fact.Agent) {
	status, departments := a.Before.Status, a.Before.Departments
	changes, moves := a.Statuses, a.Moves
	for from := a.Start; from < a.Until; {
		to := a.Until
		if len(changes) > 0 {
			to = min(to, changes[0].At)
		}
		if len(moves) > 0 {
			to = min(to, moves[0].At)
		}
		l.stretch(a.ID, status, departments, from, to)
		for len(changes) > 0 && changes[0].At == to {
			status, changes = changes[0].Status, changes[1:]
		}
		for len(moves) > 0 && moves[0].At == to {
			departments, moves = moves[0].Departments, moves[1:]
		}
		from = to
	}
}

func (l *list) stretch(id, status string, departments []string, from, to int64) {
	if status == "" || from >= to {
		return
	}
	own := Dims{{Agent, id}}
	for _, d := range departments {
		own = append(own, Value{AgentDepartment, Pair(id, d)})
	}
	own = own.normal()
	all := siteDims.with(values(Department, departments)...)
	l.level(LoggedIn, from, to, all.with(own...))
	l.level(LoggedInStep, from, to, own)
	if status == "online" {
		l.level(Online, from, to, own)
		l.level(OnlineAny, from, to, slices.Clone(all))
	}
}
