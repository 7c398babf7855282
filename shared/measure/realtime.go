package measure

import (
	"chatreports/shared/fact"
)

// Measures that only real time needs. They are numbered from 120. Those without
// series are answered from contributions, never from blocks.
const (
	// Waiting is a request waiting in a queue: the key is the visitor, the value
	// when the waiting began, in whichever queue.
	Waiting ID = 120
	// Ongoing is a chat going on with an agent, OngoingWithBot one that only a bot
	// took up: the key is the visitor.
	Ongoing        ID = 121
	OngoingWithBot ID = 122
	// QueueEnded are the waits that ended, in the queue where they did.
	QueueEnded          ID = 123
	QueueEndedAbandoned ID = 124
	QueueEndedSwitched  ID = 125
	// Seen is a visit or a page view.
	Seen                ID = 126
	AbandonedChats      ID = 127
	SwitchedChats       ID = 128
	UniqueChats         ID = 129
	BotOnlyChats        ID = 130
	BotToAgentChats     ID = 131
	BotAnswers          ID = 132
	BotConfidentAnswers ID = 133
	// Joined is an agent's part in a chat that only a bot had taken up.
	Joined ID = 134
)

var ofRealtime = []Measure{
	{ID: Waiting, Name: "waiting", Unit: "count", Shape: Level, Open: OpenOthers, When: "while it waits", Whom: "the queue", Definition: "requests waiting in a queue now"},
	{ID: Ongoing, Name: "ongoingWithAgents", Unit: "count", Shape: Level, Open: OpenOthers, When: "while it lasts", Whom: "the site; the department the chat is in", Definition: "chats going on that an agent took up"},
	{ID: OngoingWithBot, Name: "ongoingWithChatbot", Unit: "count", Shape: Level, Open: OpenOthers, When: "while it lasts", Whom: "the site; the department asked for", Definition: "chats going on that only a bot took up"},
	{ID: QueueEnded, Name: "queueWaitEnded", Unit: "ms", Shape: Samples, When: "when the wait ended", Whom: "the queue where it ended", Definition: "waits that ended, over all queues they went through"},
	{ID: QueueEndedAbandoned, Name: "queueWaitAbandoned", Unit: "count", Shape: Sum, When: "when the wait ended", Whom: "the queue where it ended", Definition: "waits that ended because the visitor left"},
	{ID: QueueEndedSwitched, Name: "queueWaitSwitched", Unit: "count", Shape: Sum, When: "when the wait ended", Whom: "the queue where it ended", Definition: "waits that ended with an offline message"},
	{ID: Seen, Name: "seen", Unit: "count", Shape: Sum, When: "at its own time", Whom: "the site", Definition: "visits and page views"},
	{ID: AbandonedChats, Name: "abandoned", Unit: "count", Shape: Sum, Series: []Series{site}, When: requested, Whom: "the site", Definition: "missed requests the visitor abandoned"},
	{ID: SwitchedChats, Name: "switchToMessages", Unit: "count", Shape: Sum, Series: []Series{site}, When: requested, Whom: "the site", Definition: "missed requests switched to an offline message"},
	{ID: UniqueChats, Name: "uniqueChats", Unit: "count", Shape: Sum, Series: []Series{site}, When: requested, Whom: "the site", Definition: "chats exactly one agent took part in"},
	{ID: BotOnlyChats, Name: "chatbotOnlyChats", Unit: "count", Shape: Sum, Series: []Series{site}, When: requested, Whom: "the site", Definition: "chats that only a bot took up"},
	{ID: BotToAgentChats, Name: "chatsFromChatbotToAgent", Unit: "count", Shape: Sum, Series: []Series{site}, When: requested, Whom: "the site", Definition: "chats a bot took up first and an agent later"},
	{ID: BotAnswers, Name: "botAnswers", Unit: "count", Shape: Sum, Series: []Series{site}, When: "at its own time", Whom: "the site", Definition: "bot interactions other than a welcome"},
	{ID: Joined, Name: "joinedBotChats", Unit: "count", Shape: Level, Open: OpenOthers, When: "while it lasts", Whom: "the agent", Definition: "an agent's part in a chat that only a bot has taken up so far"},
	{ID: BotConfidentAnswers, Name: "highConfidenceAnswers", Unit: "count", Shape: Sum, Series: []Series{site}, When: "at its own time", Whom: "the site", Definition: "bot answers that are no fallback"},
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
		until := fact.Forever
		if c.AgentAccepted.Came() {
			until = c.AgentAccepted.Millis()
		}
		for i := range c.Stays {
			if s := &c.Stays[i]; s.Part {
				l.going(Joined, max(s.From, c.BotAccepted.Millis()), min(s.To, until), 0, "", Dims{{Agent, c.Names.Name(s.Agent)}})
			}
		}
	}
	switch {
	case c.Outcome() == fact.Missed && c.LostBy == "chat.abandoned":
		l.point(AbandonedChats, at, 1, siteDims)
	case c.Outcome() == fact.Missed && c.LostBy == "chat.switched_to_message":
		l.point(SwitchedChats, at, 1, siteDims)
	case !c.AgentAccepted.Came() && c.BotAccepted.Came():
		l.point(BotOnlyChats, at, 1, siteDims)
	case c.AgentAccepted.Came() && c.BotFirst:
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
