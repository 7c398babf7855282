package measure

import (
	"slices"
	"strings"

	"chatreports/shared/fact"
	"chatreports/shared/tuple"
)

// Measures of what bots did. They are numbered from 90. The first three have as keys the
// stories and sources of a chat, as StoriesOf reads them: so a chat counts once, whichever
// of them are asked for together.
const (
	BotChats     ID = 90
	BotPaidChats ID = 91
	BotMessages  ID = 92
	// BotInteractions has keys that InteractionOf reads.
	BotInteractions ID = 93
)

// botsSince is the generation of facts that first contributed to them.
const botsSince = 2

const botChatAt = "when the chat was requested, or without a request at its first interaction"

// ofBots are the measures of bots' stories.
var ofBots = []Measure{
	{ID: BotChats, Name: "botChats", Unit: "count", Shape: Keyed, Group: Stories, Series: []Series{site}, Since: botsSince, When: botChatAt, Whom: "the stories of its interactions, each with the source", Definition: "chats with an interaction of a bot, also those never requested"},
	{ID: BotPaidChats, Name: "paidBotChats", Unit: "count", Shape: Keyed, Group: Stories, Series: []Series{site}, Since: botsSince, When: botChatAt, Whom: "the stories of those interactions, each with the source", Definition: "chats with an interaction of a bot that is no welcome"},
	{ID: BotMessages, Name: "botChatMessages", Unit: "count", Shape: Keyed, Group: Stories, Series: []Series{site}, Since: botsSince, When: "when the message was sent", Whom: "the stories of the chat's interactions, whenever they were, each with the source", Definition: "messages of anybody in chats with an interaction of a bot, private ones left out"},
	{ID: BotInteractions, Name: "botInteractions", Unit: "count", Shape: Keyed, Group: Interactions, Series: []Series{site}, Since: botsSince, When: "at its own time", Whom: "the story, and the interaction", Definition: "interactions of bots"},
}

// Story is a story by the source it was told at.
type Story struct{ ID, Source string }

// StoriesOf are those that a key of BotChats, BotPaidChats or BotMessages stands for.
func StoriesOf(key string) []Story {
	parts := tuple.Split(key)
	out := make([]Story, 0, len(parts)/2)
	for pair := range slices.Chunk(parts, 2) {
		out = append(out, Story{pair[0], pair[len(pair)-1]})
	}
	return out
}

// Interaction is one kind of interaction, as an event told it.
type Interaction struct{ Story, ID, Type, Parent, Name string }

// InteractionOf is the one that a key of BotInteractions stands for.
func InteractionOf(key string) Interaction {
	p := append(tuple.Split(key), "", "", "", "", "")
	return Interaction{Story: p[0], ID: p[1], Type: p[2], Parent: p[3], Name: p[4]}
}

// ofStories lists what the interactions of bots in a chat contribute, also without a request.
func ofStories(l *list, c *fact.Chat) {
	if len(c.Bot) == 0 {
		return
	}
	at := c.Bot[0].At
	if c.Request != nil {
		at = c.Request.At
	}
	all := storiesKey(c, func(*fact.BotAnswer) bool { return true })
	l.keyed(BotChats, at, all, siteDims)
	if paid := storiesKey(c, func(b *fact.BotAnswer) bool { return b.Type != "welcome" }); paid != "" {
		l.keyed(BotPaidChats, at, paid, siteDims)
	}
	for sent := range c.Sent() {
		l.keyed(BotMessages, sent, all, siteDims)
	}
	for i := range c.Bot {
		b := &c.Bot[i]
		name := c.BotNames.Name
		l.keyed(BotInteractions, b.At, tuple.Join(name(b.Story), name(b.Interaction), b.Type, name(b.Parent), name(b.Name)), siteDims)
	}
}

// storiesKey is the key for the stories of some interactions, each story and source once
// and in order; empty: there is none.
func storiesKey(c *fact.Chat, some func(*fact.BotAnswer) bool) string {
	var keys []string
	for i := range c.Bot {
		if b := &c.Bot[i]; some(b) {
			keys = append(keys, tuple.Join(c.BotNames.Name(b.Story), c.BotNames.Name(b.Source)))
		}
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), "/")
}
