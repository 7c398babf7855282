package measure

import (
	"strings"

	"chatreports/shared/fact"
	"chatreports/shared/tuple"
)

// Measures that rows told again from the journal are found with. They are numbered from
// 150.
const (
	// Touched lists chats: it stands at the midnight of a UTC day, so that one quarter's
	// detail is the listing of a day.
	Touched ID = 150
	// Names has keys Join(id, name), UserNames names, at midnights too. No name says that
	// the entity is named by its id alone.
	Names     ID = 151
	UserNames ID = 154
	// Attending is a level that is told only where Touched does not find it: over a
	// midnight, or without an end.
	Attending ID = 152
	// Acts has keys Join(type of the event, campaign, entry point or invitation).
	Acts ID = 153
)

// toldSince is the generation of facts that first contributed to them.
const toldSince = 3

const given = "at the midnight that begins the UTC day on which the name was given"

var ofTold = []Measure{
	{ID: Touched, Name: "touchedChats", Unit: "count", Shape: Sum, Since: toldSince, When: "at the midnight that begins a UTC day on which anything happened to the chat", Whom: "the site", Definition: "chats with any event on that day, once they were requested"},
	{ID: Names, Name: "names", Unit: "count", Shape: Keyed, Series: []Series{{Named}}, Since: toldSince, When: given, Whom: "the kind of what is named", Definition: "chats, visitors' hours and agents' days by the newest name they give an agent, a department, a channel, a bot, a system, an entry point or an invitation"},
	{ID: UserNames, Name: "userNames", Unit: "count", Shape: Keyed, Series: []Series{{User}}, Since: toldSince, When: given, Whom: "the visitor", Definition: "chats by the newest name they give a visitor"},
	{ID: Attending, Name: "attendingChats", Unit: "count", Shape: Level, Open: OpenOthers, Since: toldSince, When: "while it lasts, if that is over a midnight", Whom: "the agent", Definition: "an agent's part in a chat that is no chat time: assigned, or before any acceptance counts"},
	{ID: Acts, Name: "visitorActs", Unit: "count", Shape: Keyed, Since: toldSince, When: "at its own time", Whom: "the site", Definition: "page views, views and clicks of entry points, and what became of automatic invitations, by campaign and entry point or invitation"},
}

// names lists whom a fact names, each under its newest name.
func (l *list) names(f *fact.Fact) {
	for i := range f.Named {
		n := &f.Named[i]
		if at, id := fact.Midnight(n.Day), f.IDOf(n); n.Kind == fact.KindUser {
			l.keyed(UserNames, at, n.Name, Dims{{User, id}})
		} else {
			l.keyed(Names, at, tuple.Join(id, n.Name), Dims{{Named, n.Kind.String()}})
		}
	}
}

// touched lists the days of a chat.
func (l *list) touched(c *fact.Chat) {
	for _, day := range c.Days {
		l.point(Touched, fact.Midnight(day), 1, siteDims)
	}
}

// attending lists the parts of stays that InChat does not tell, over a midnight.
func (l *list) attending(c *fact.Chat) {
	for i := range c.Stays {
		s := &c.Stays[i]
		from, to := s.From, s.To
		if s.Part && c.AgentAccepted.Came() {
			to = min(to, c.AgentAccepted.Millis())
		}
		if from < to && fact.DayOf(from) < fact.DayOf(to) {
			l.level(Attending, from, to, Dims{{Agent, c.Names.Name(s.Agent)}})
		}
	}
}

// act is what a visitor did, or was offered by a rule.
func (l *list) act(p *fact.Point) {
	switch {
	case p.Type == "page.viewed":
		l.keyed(Acts, p.At, tuple.Join(p.Type, p.Campaign, ""), siteDims)
	case strings.HasPrefix(p.Type, "entrypoint."), strings.HasPrefix(p.Type, "invitation.") && p.Kind == "auto":
		l.keyed(Acts, p.At, tuple.Join(p.Type, p.Campaign, p.ID), siteDims)
	}
}
