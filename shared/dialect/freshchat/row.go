package freshchat

import (
	"cmp"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/conversation"
	"chatreports/shared/event"
	"chatreports/shared/extract"
)

// chat is a conversation of which rows are told.
type chat struct {
	*conversation.Conversation
	window *extract.Window
	names  extract.Names
	emit   func(*row)
	one    row // the one made last
}

// has says whether rows of a time are asked for.
func (c *chat) has(at int64) bool { return c.window.From <= at && at < c.window.To }

// interaction is one of its interactions. Its ids stand in every row.
type interaction struct {
	*conversation.Interaction
	id             string // of the conversation
	whole, numeric string
}

// wholeID is <conversation id>-<start in milliseconds>.
func (i *interaction) wholeID() string {
	if i.whole == "" {
		i.whole = i.id + "-" + strconv.FormatInt(i.Begin.At, 10)
	}
	return i.whole
}

// rawID is the same with 32 bits instead of the conversation's id: its CRC-32 (IEEE).
func (i *interaction) rawID() string {
	if i.numeric == "" {
		i.numeric = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(i.id))), 10) + "-" + strconv.FormatInt(i.Begin.At, 10)
	}
	return i.numeric
}

// since is the time from its start: none to what came before the request.
func (i *interaction) since(at int64) int64 { return max(0, at-i.Begin.At) }

// row is what the cells of one row are made of.
type row struct {
	*chat
	*interaction
	// step is the event that the row is about, at the time that decides in which window it
	// is.
	step *conversation.Step
	at   int64

	actor        event.Actor
	subType      string
	agent, group string
	millis       int64 // of the column value_in_seconds
}

// rowOf is a row about a step, with the assignment after it, until the next one is made.
func (c *chat) rowOf(i *interaction, s *conversation.Step) *row {
	c.one = row{chat: c, interaction: i, step: s, at: s.At, agent: s.Assignment.Agent, group: s.Assignment.Group}
	return &c.one
}

// resolved makes it the row of a resolver: who closed the interaction, and the agent and
// group that the close names, else those it was assigned to then.
func (r *row) resolved() {
	closing := r.Close
	r.actor = actor(closing.Data.By)
	r.agent = cmp.Or(closing.Data.AgentID, closing.Assignment.Agent)
	r.group = cmp.Or(closing.Data.GroupID, closing.Assignment.Group)
}

// actor is who did something: a rule is the system.
func actor(a *event.Actor) event.Actor {
	if a.Type == "auto" {
		return event.Actor{Type: "system"}
	}
	return *a
}

// nameOf is what an actor is called. A bot or the system goes by its own name first.
func nameOf(names extract.Names, a *event.Actor) string {
	if a.Type == "bot" || a.Type == "system" {
		return cmp.Or(a.Name, names.Name(a.Type, a.ID), a.ID)
	}
	return names.Name(a.Type, a.ID)
}

// belongs says whether the actor is an agent in the row's group.
func (r *row) belongs() bool {
	return r.actor.Type == "agent" && r.group != "" && slices.Contains(r.names.Groups(r.actor.ID), r.group)
}

// freddy says whether the vendor's own bot had a hand in it.
func freddy(a *event.Actor) bool { return a.SubType == "freddy" }

// The cells' forms.

func yes(b bool) string { return strconv.FormatBool(b) }

// seconds are whole, rounded down.
func seconds(millis int64) string { return strconv.FormatInt(millis/1000, 10) }

// capitals are those of the words that nearly all rows have, or of any other.
func capitals(s string) string {
	switch s {
	case "user":
		return "USER"
	case "agent":
		return "AGENT"
	case "bot":
		return "BOT"
	case "system":
		return "SYSTEM"
	}
	return strings.ToUpper(s)
}
