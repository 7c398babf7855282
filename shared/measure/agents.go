package measure

import (
	"slices"

	"chatreports/shared/fact"
)

// Measures of agents' time. They are numbered from 100.
const (
	// LoggedIn, Online: per agent; of a department only while a member.
	LoggedIn ID = iota + 100
	Online
	// OnlineAny is how many agents are online: of the site, and of a department
	// of its members.
	OnlineAny
	// InChat is in how many chats an agent is, LoggedInStep whether it is logged
	// in: as functions of time, for what they have in common.
	InChat
	LoggedInStep
	// LinearChatTime follows, per agent, from InChat and LoggedInStep: see cell.
	LinearChatTime
	// MaxQueueSize is derived on read from QueuePeak, which follows from QueueLevel.
	MaxQueueSize
	QueuePeak
)

var ofAgents = []Measure{
	{LoggedIn, "loggedInTime", "ms", Level, byAgent, "spread over the time it covers", "the agent; its departments while a member; the site as the sum over agents", "any status but offline"},
	{Online, "onlineTime", "ms", Level, []Series{agent, agentDepartment}, "spread over the time it covers", "the agent; of a department only while a member", "status online"},
	{OnlineAny, "agentsOnline", "count", Step, byDept, "while it lasts", "the site; departments, of their members", "agents in status online; its time above zero is for how long somebody was online"},
	{InChat, "ongoingChats", "count", Step, []Series{agent, agentDepartment}, "while it lasts", "every agent who took part; of a department while the chat was in it", "chats an agent is in"},
	{LoggedInStep, "loggedIn", "count", Step, []Series{agent, agentDepartment}, "while it lasts", "the agent; of a department only while a member", "whether an agent is logged in"},
	{LinearChatTime, "linearChatTime", "ms", Level, byAgent, "spread over the time it covers", "per agent; of several agents the sum; of a department members' time in its chats", "the time logged in and in at least one chat"},
	{QueuePeak, "queuePeak", "count", Peak, []Series{queue}, "in whole quarter hours", "the queue", "the largest number of requests waiting in one queue in a quarter hour"},
	{MaxQueueSize, "maxQueueSize", "count", Derived, nil, "at any moment of the bucket", "of any one queue; of a department its own", "the largest number of requests waiting in one queue"},
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
