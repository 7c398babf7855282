package fact

import "chatreports/shared/event"

// Chat is one chat: from its request over any number of interactions. Times are
// Unix milliseconds; an open end is Forever.
type Chat struct {
	Names names `cbor:"1,keyasint,omitempty"`

	// Request is nil until chat.requested was seen: of such a chat only conversions and
	// interactions of bots count.
	Request *Request `cbor:"2,keyasint,omitempty"`

	// Open: requested or reopened, and not ended since.
	Open bool `cbor:"3,keyasint,omitempty"`

	// How the request ended: see Outcome.
	AgentAccepted Moment `cbor:"4,keyasint,omitempty"` // first acceptance by an agent that counts: see late
	BotAccepted   Moment `cbor:"5,keyasint,omitempty"` // first by a bot, likewise
	Refused       Moment `cbor:"6,keyasint,omitempty"`
	Lost          Moment `cbor:"7,keyasint,omitempty"` // first of abandoned, switched, missed
	LostBy        string `cbor:"8,keyasint,omitempty"` // the type of that event
	Closed        Moment `cbor:"9,keyasint,omitempty"` // first close
	RefusedFirst  bool   `cbor:"10,keyasint,omitempty"`

	// Department the chat is in while it is open; asked for by the first refusal
	// that names one, by the last department queue, both before any agent accepted.
	Department  Ref `cbor:"11,keyasint,omitempty"`
	RefusedDept Ref `cbor:"12,keyasint,omitempty"`
	QueueDept   Ref `cbor:"13,keyasint,omitempty"`
	// Departments are those the chat was in, in order, each once.
	Departments []Ref `cbor:"14,keyasint,omitempty"`

	// Stays are the times an agent was in the chat, cut where the department
	// changed. Part says that it was more than an assignment.
	Stays []Stay `cbor:"15,keyasint,omitempty"`
	// AtEnd are the agents to put back when the chat is reopened.
	AtEnd []Stay `cbor:"16,keyasint,omitempty"`
	// Spells are the chat time, cut where the department changed.
	Spells []Spell `cbor:"17,keyasint,omitempty"`
	// Accepted lists the agents who accepted. BotCame: a bot did.
	Accepted []Ref `cbor:"18,keyasint,omitempty"`
	BotCame  bool  `cbor:"41,keyasint,omitempty"`

	// Waits are the times in queues.
	Waits []Wait `cbor:"19,keyasint,omitempty"`
	// Queue is what became of a request that was ever queued.
	Queue Queued `cbor:"20,keyasint,omitempty"`

	// Messages count the non-private messages by who was there.
	Messages []Messages `cbor:"21,keyasint,omitempty"`
	// Unanswered is the first visitor message not answered yet. Resolved: the
	// interaction had its close, which ended that waiting; further closes do not.
	Resolved   bool       `cbor:"42,keyasint,omitempty"`
	Unanswered Moment     `cbor:"22,keyasint,omitempty"`
	Responses  []Response `cbor:"23,keyasint,omitempty"`
	// Due is since when an interaction, begun by the request or a reopening after it, waits for
	// its first message of an agent; FirstResponses are those messages. Facts from before they
	// were noted have none.
	Due            Moment     `cbor:"47,keyasint,omitempty"`
	FirstResponses []Response `cbor:"48,keyasint,omitempty"`
	// Said holds a 32-bit hash of the id of every message that counts: one that is told
	// again, under another event id, does not. Facts from before it was noted have none.
	Said      []byte   `cbor:"43,keyasint,omitempty"`
	LastActor string   `cbor:"24,keyasint,omitempty"` // type of the last message's actor
	LastAgent Ref      `cbor:"25,keyasint,omitempty"`
	LastDept  Ref      `cbor:"26,keyasint,omitempty"`
	Canned    []Canned `cbor:"27,keyasint,omitempty"`

	Transferred bool  `cbor:"28,keyasint,omitempty"`
	MovedOut    []Ref `cbor:"29,keyasint,omitempty"`
	MovedIn     []Ref `cbor:"30,keyasint,omitempty"`

	Rating      *Rating      `cbor:"31,keyasint,omitempty"`
	Surveys     []Survey     `cbor:"32,keyasint,omitempty"`
	WrapUp      *Survey      `cbor:"33,keyasint,omitempty"`
	Conversions []Conversion `cbor:"34,keyasint,omitempty"`
	Bot         []BotAnswer  `cbor:"35,keyasint,omitempty"`
	// BotFirst: a bot took it up before any agent.
	BotFirst bool `cbor:"38,keyasint,omitempty"`
	// BotSpells are the times it was open, taken up by a bot and never by an agent.
	BotSpells []Spell `cbor:"39,keyasint,omitempty"`
	// BotNames are the ids and names in Bot. MessageTimes are when the messages in a chat
	// with any interaction of a bot were sent, in order: the first in Unix milliseconds, the
	// others in milliseconds since the first. Facts from before they were noted have none.
	BotNames     names   `cbor:"45,keyasint,omitempty"`
	MessageTimes []int64 `cbor:"46,keyasint,omitempty"`

	Marks Marks `cbor:"60,keyasint,omitzero"`

	// Days are the UTC days, counted from 1970, on which anything happened to the chat.
	Days []int64 `cbor:"44,keyasint,omitempty"`
}

// Marks are what open queries ask for and nothing else does. Facts from before they were
// noted have none.
type Marks struct {
	ChatID string `cbor:"1,keyasint,omitempty"`
	// Updated is the newest event of the chat. A conversion is none: it is its visitor's.
	Updated Moment `cbor:"2,keyasint,omitempty"`
	// The first message of an agent, of a bot and of the visitor, and who wrote it.
	FirstAgent   Ref    `cbor:"3,keyasint,omitempty"`
	FirstAgentAt Moment `cbor:"4,keyasint,omitempty"`
	FirstBot     Ref    `cbor:"5,keyasint,omitempty"`
	FirstBotAt   Moment `cbor:"6,keyasint,omitempty"`
	FirstUserAt  Moment `cbor:"7,keyasint,omitempty"`
	BotMessages  int64  `cbor:"8,keyasint,omitempty"`
	// The newest close and reopening.
	Closed   Moment   `cbor:"9,keyasint,omitempty"`
	Reopened Moment   `cbor:"10,keyasint,omitempty"`
	Switched bool     `cbor:"11,keyasint,omitempty"` // to a message, at some time
	Tags     []string `cbor:"12,keyasint,omitempty"`
	Score    int64    `cbor:"13,keyasint,omitempty"`
}

// Request is chat.requested.
type Request struct {
	_            struct{} `cbor:",toarray"`
	At           int64
	VisitorID    string
	InitiatedBy  string
	Source       string
	InvitationID string
	CampaignID   string
	DepartmentID string
	Segments     []string
	PageURL      string
	VisitorType  string
	PlaybookID   string
	Offline      bool
}

// Stay is an agent's time in the chat while it was in one department.
type Stay struct {
	_          struct{} `cbor:",toarray"`
	Agent      Ref
	Department Ref
	From, To   int64
	Part       bool
}

// Spell is chat time while the chat was in one department.
type Spell struct {
	_          struct{} `cbor:",toarray"`
	Department Ref
	From, To   int64
}

// Wait is a time in one queue.
type Wait struct {
	_        struct{} `cbor:",toarray"`
	Type     string   // site, department, agent
	ID       Ref
	From, To int64
	// End is the type of the event that ended it.
	End string
	// Since is when the waiting began: it goes on from queue to queue.
	Since int64
}

// Queued is what became of a request that was queued: From is the first
// queueing, Until when an agent, an abandonment, a switch or a
// miss ended it; Outcome is accepted, refused, abandoned, switched, missed or
// empty while it waits.
type Queued struct {
	_           struct{} `cbor:",toarray"`
	From, Until Moment
	Outcome     string
	Ended       string // the first of accepted, abandoned, switched, missed
}

// Messages count messages sent while these agents were in the chat and the chat
// was in this department.
type Messages struct {
	_          struct{} `cbor:",toarray"`
	ByAgent    Ref      // the agent who wrote; 0: the visitor did
	Agents     []Ref    // who was in the chat (visitor messages)
	Department Ref
	Count      int64
	Canned     int64
}

// Response is one answer to a visitor, or the first message of an agent in an interaction.
type Response struct {
	_          struct{} `cbor:",toarray"`
	At, Millis int64
	Agent      Ref
	Department Ref
}

// Canned is one use of a canned message.
type Canned struct {
	_        struct{} `cbor:",toarray"`
	At       int64
	ID       Ref
	Category Ref
	Agent    Ref
}

// Rating is the last rating.
type Rating struct {
	_     struct{} `cbor:",toarray"`
	At    int64
	Score int64
}

// Survey is a submission, or the last wrap-up.
type Survey struct {
	_        struct{} `cbor:",toarray"`
	At       int64
	ID       string // of the event
	Kind     string
	Campaign Ref
	Comment  bool
	Fields   []event.Answer
}

// Conversion is conversion.recorded.
type Conversion struct {
	_                 struct{} `cbor:",toarray"`
	At                int64
	Action            string
	Value             int64 // millionths
	Visitor           string
	Agent, Department string
	Thousands         int64 // of the value, besides Value
}

// BotAnswer is bot.interaction. Its references are to BotNames.
type BotAnswer struct {
	_           struct{} `cbor:",toarray"`
	At          int64
	Type        string
	Story       Ref
	Source      Ref
	Interaction Ref
	Parent      Ref
	Name        Ref // the interaction's
}

// Outcomes of a request.
const (
	Pending = ""
	IsChat  = "chat"
	Refused = "refused"
	Missed  = "missed"
)

// Outcome is how the request ended, as one of the constants: an acceptance wins
// over a refusal or a close before it, not over a visitor who had gone.
func (c *Chat) Outcome() string {
	switch {
	case c.AgentAccepted.Came() || c.BotAccepted.Came():
		return IsChat
	case c.Refused.Came() && (!c.Lost.Came() || c.RefusedFirst):
		return Refused
	case c.Lost.Came() || c.Closed.Came():
		return Missed
	}
	return Pending
}

// AskedFor is the department asked for: of the request, else of a refusal, else
// of the last department queue before an agent accepted.
func (c *Chat) AskedFor() string {
	switch {
	case c.Request != nil && c.Request.DepartmentID != "":
		return c.Request.DepartmentID
	case c.RefusedDept != 0:
		return c.Names.Name(c.RefusedDept)
	}
	return c.Names.Name(c.QueueDept)
}

// InDepartments are the departments the chat counts for: those it was in once an
// agent had accepted, else the one asked for.
func (c *Chat) InDepartments() []string {
	if !c.AgentAccepted.Came() {
		if d := c.AskedFor(); d != "" {
			return []string{d}
		}
		return nil
	}
	out := make([]string, len(c.Departments))
	for i, d := range c.Departments {
		out[i] = c.Names.Name(d)
	}
	return out
}

// Parts are the agents who took part, each once, in the order they came.
func (c *Chat) Parts() []string {
	var out []string
	seen := map[Ref]bool{}
	for _, s := range c.Stays {
		if s.Part && !seen[s.Agent] {
			seen[s.Agent] = true
			out = append(out, c.Names.Name(s.Agent))
		}
	}
	return out
}
