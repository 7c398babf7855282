package measure

import (
	"chatreports/shared/fact"
)

// Measures that only real time needs. They are numbered from 120. Those without
// series are answered from contributions, never from blocks.
const (
	// Waiting is a request waiting in a queue: the key is the visitor, the value
	// when the waiting began, in whichever queue.
	Waiting ID = iota + 120
	// Ongoing is a chat going on with an agent, OngoingWithBot one that only a bot
	// took up: the key is the visitor.
	Ongoing
	OngoingWithBot
	// QueueEnded are the waits that ended, in the queue where they did.
	QueueEnded
	QueueEndedAbandoned
	QueueEndedSwitched
	// Seen is a visit or a page view.
	Seen
	AbandonedChats
	SwitchedChats
	UniqueChats
	BotOnlyChats
	BotToAgentChats
	BotAnswers
	BotConfidentAnswers
	// Joined is an agent's part in a chat that only a bot had taken up.
	Joined
)

var ofRealtime = []Measure{
	{Waiting, "waiting", "count", Level, nil, "while it waits", "the queue", "requests waiting in a queue now"},
	{Ongoing, "ongoingWithAgents", "count", Level, nil, "while it lasts", "the site; the department the chat is in", "chats going on that an agent took up"},
	{OngoingWithBot, "ongoingWithChatbot", "count", Level, nil, "while it lasts", "the site; the department asked for", "chats going on that only a bot took up"},
	{QueueEnded, "queueWaitEnded", "ms", Samples, nil, "when the wait ended", "the queue where it ended", "waits that ended, over all queues they went through"},
	{QueueEndedAbandoned, "queueWaitAbandoned", "count", Sum, nil, "when the wait ended", "the queue where it ended", "waits that ended because the visitor left"},
	{QueueEndedSwitched, "queueWaitSwitched", "count", Sum, nil, "when the wait ended", "the queue where it ended", "waits that ended with an offline message"},
	{Seen, "seen", "count", Sum, nil, "at its own time", "the site", "visits and page views"},
	{AbandonedChats, "abandoned", "count", Sum, []Series{site}, requested, "the site", "missed requests the visitor abandoned"},
	{SwitchedChats, "switchToMessages", "count", Sum, []Series{site}, requested, "the site", "missed requests switched to an offline message"},
	{UniqueChats, "uniqueChats", "count", Sum, []Series{site}, requested, "the site", "chats exactly one agent took part in"},
	{BotOnlyChats, "chatbotOnlyChats", "count", Sum, []Series{site}, requested, "the site", "chats that only a bot took up"},
	{BotToAgentChats, "chatsFromChatbotToAgent", "count", Sum, []Series{site}, requested, "the site", "chats a bot took up first and an agent later"},
	{BotAnswers, "botAnswers", "count", Sum, []Series{site}, "at its own time", "the site", "bot interactions other than a welcome"},
	{Joined, "joinedBotChats", "count", Level, nil, "while it lasts", "the agent", "an agent's part in a chat that only a bot has taken up so far"},
	{BotConfidentAnswers, "highConfidenceAnswers", "count", Sum, []Series{site}, "at its own time", "the site", "bot answers that are no fallback"},
}

// ofNow lists what a chat contributes to the reports in real time.
func ofNow(l *list, c *fact.Chat, agents Dims) {
	at, visitor := c.Request.At, c.Request.VisitorID
	for i := range c.Waits {
		w := &c.Waits[i]
		in := Dims{{Queue, Pair(w.Type, c.Names.Name(w.ID))}}
		l.going(Waiting, w.From, w.To, w.Since, visitor, in)
		if w.To == fact.Forever || w.End == "chat.queued" {
			continue
		}
		l.sample(QueueEnded, w.To, w.To-w.Since, in)
		switch w.End {
		case "chat.abandoned":
			l.point(QueueEndedAbandoned, w.To, 1, in)
		case "chat.switched_to_message":
			l.point(QueueEndedSwitched, w.To, 1, in)
		}
	}
	for i := range c.Spells {
		s := &c.Spells[i]
		l.going(Ongoing, s.From, s.To, 0, visitor, siteDims.with(agentIn("", c.Names.Name(s.Department))...))
	}
	for i := range c.BotSpells {
		s := &c.BotSpells[i]
		l.going(OngoingWithBot, s.From, s.To, 0, visitor, siteDims.with(agentIn("", c.AskedFor())...))
	}
	if c.BotFirst {
		until := c.AgentAccepted
		if until == 0 {
			until = fact.Forever
		}
		for i := range c.Stays {
			if s := &c.Stays[i]; s.Part {
				l.going(Joined, max(s.From, c.BotAccepted), min(s.To, until), 0, "", Dims{{Agent, c.Names.Name(s.Agent)}})
			}
		}
	}
	switch {
	case c.Outcome() == fact.Missed && c.LostBy == "chat.abandoned":
		l.point(AbandonedChats, at, 1, siteDims)
	case c.Outcome() == fact.Missed && c.LostBy == "chat.switched_to_message":
		l.point(SwitchedChats, at, 1, siteDims)
	case c.AgentAccepted == 0 && c.BotAccepted != 0:
		l.point(BotOnlyChats, at, 1, siteDims)
	case c.AgentAccepted != 0 && c.BotFirst:
		l.point(BotToAgentChats, at, 1, siteDims)
	}
	if len(agents.Of(Agent)) == 1 {
		l.point(UniqueChats, at, 1, siteDims)
	}
	for _, b := range c.Bot {
		if b.Type == "welcome" {
			continue
		}
		l.point(BotAnswers, b.At, 1, siteDims)
		if b.Type != "fallback" && b.Type != "contextFallback" {
			l.point(BotConfidentAnswers, b.At, 1, siteDims)
		}
	}
}

// going is a level that tells more than how long it lasts.
func (l *list) going(id ID, from, to, value int64, key string, dims Dims) {
	if from < to {
		l.out = append(l.out, Contribution{Measure: id, At: from, Until: to, Value: value, Key: key, N: 1, Dims: dims})
	}
}
