// Package document is a conversation as open queries see it: one flat record of the
// properties that can be asked for. In: what is known of a chat. Out: the record, and
// its bytes, which the counters keep as a key of the hour in which the chat was
// requested. It knows no query, no vendor and no storage.
package document

import "chatreports/shared/fact"

// Document is one conversation. Times are Unix milliseconds; one that has not come is
// not there, and neither is an empty text or an empty list.
type Document struct {
	ID        string
	CreatedAt int64
	// UpdatedAt is the newest event of the chat.
	UpdatedAt int64

	PlaybookID    string
	EndUserID     string
	EndUserType   string // as it was sent
	EndUserBegan  bool   // the visitor initiated it
	PageURL       string
	Offline       bool // requested outside of service hours, or switched to a message
	CQLScore      int64
	Tags          []string // in the order they were put on
	Status        Status
	BotStatus     BotStatus
	FirstAgentID  string // who wrote the first message of an agent
	LastAgentID   string
	FirstBotID    string
	AgentMessages int64 // private ones count nowhere
	BotMessages   int64
	UserMessages  int64

	FirstAgentMessage fact.Moment
	FirstBotMessage   fact.Moment
	FirstUserMessage  fact.Moment
	FirstClose        fact.Moment

	// Agents took part; Departments handled it.
	Agents, Departments []string
	CampaignID          string
}

// Status is where a conversation stands. The numbers are stored.
type Status int64

// Statuses.
const (
	Pending Status = 0 // nobody has answered yet
	Open    Status = 1 // accepted, answered by an agent or a bot, or reopened
	Closed  Status = 2 // closed and not reopened, or given up and never answered
)

func (s Status) String() string { return [...]string{"pending", "open", "closed"}[s] }

// BotStatus is who answered. The numbers are stored.
type BotStatus int64

// Bot statuses: an agent answered by writing, a bot by writing or by an interaction.
const (
	NoResponse  BotStatus = 0
	HumanOnly   BotStatus = 1
	BotOnly     BotStatus = 2
	BotAssisted BotStatus = 3
)

func (s BotStatus) String() string {
	return [...]string{"NO_RESPONSE", "HUMAN_ONLY", "BOT_ONLY", "BOT_ASSISTED"}[s]
}

// Of is the document of a chat, nil as long as its request has not come.
func Of(c *fact.Chat) *Document {
	r := c.Request
	if r == nil {
		return nil
	}
	m := &c.Marks
	d := &Document{
		ID: m.ChatID, CreatedAt: r.At, UpdatedAt: m.Updated.Millis(),
		PlaybookID: r.PlaybookID, EndUserID: r.VisitorID, EndUserType: r.VisitorType, EndUserBegan: r.InitiatedBy == "visitor",
		PageURL: r.PageURL, Offline: r.Offline || m.Switched, CQLScore: m.Score, Tags: m.Tags,
		Status: status(c), BotStatus: botStatus(c),
		FirstAgentID: c.Names.Name(m.FirstAgent), LastAgentID: c.Names.Name(c.LastAgent), FirstBotID: c.Names.Name(m.FirstBot),
		BotMessages:       m.BotMessages,
		FirstAgentMessage: m.FirstAgentAt, FirstBotMessage: m.FirstBotAt, FirstUserMessage: m.FirstUserAt, FirstClose: c.Closed,
		Departments: c.InDepartments(), CampaignID: r.CampaignID,
	}
	if c.Outcome() == fact.IsChat {
		d.Agents = c.Parts()
	}
	for i := range c.Messages {
		if n := c.Messages[i].Count; c.Messages[i].ByAgent != 0 {
			d.AgentMessages += n
		} else {
			d.UserMessages += n
		}
	}
	return d
}

func status(c *fact.Chat) Status {
	m := &c.Marks
	answered := len(c.Accepted) > 0 || c.BotCame || m.FirstAgentAt.Came()
	switch {
	case m.Closed.Came() && m.Closed.Millis() >= c.Request.At && (!m.Reopened.Came() || m.Closed.Millis() >= m.Reopened.Millis()),
		c.Lost.Came() && !answered:
		return Closed
	case answered || m.Reopened.Came():
		return Open
	}
	return Pending
}

func botStatus(c *fact.Chat) (s BotStatus) {
	if c.Marks.FirstAgentAt.Came() {
		s |= HumanOnly
	}
	if c.BotCame {
		s |= BotOnly
	}
	return s
}
