// Package oracle is the slow reference: it computes every report of Comm100 and ChatBot
// and every row of Freshchat's and Conversation24's a second time, from all events of a
// tenant, for tests and benchmarks to compare with. In: the events in any order, a
// request and the moment it is asked. Out: the status and the body the API must answer,
// or the rows.
// It knows nothing of facts, cells, storage or the planner, and must not: it shares the
// event model with the product and nothing else. DOUBTS.md lists the readings of unclear
// rules.
package oracle

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"chatreports/shared/event"
)

// Tenant is what the answers depend on besides the events.
type Tenant struct {
	ID             string
	Edition        string // enterprise or business; empty is enterprise
	AutoAllocation bool
	Chatbot        bool
	CustomMetrics  []CustomMetric

	Name          string
	Zone          string              // IANA name; empty is UTC
	BusinessHours map[string][][2]int // by "sun" to "sat": from and to, in minutes of the day; nil is always
	Holidays      []string            // YYYY-MM-DD
	// Links are templates with {chatId}.
	ConversationLink, TranscriptLink string
}

// CustomMetric is a figure of the day, by a tenant's own expression.
type CustomMetric struct{ ID, Name, Expression string }

// Comm100 answers one request from nothing but the events.
func Comm100(tenant Tenant, events []event.Event, path string, query url.Values, now time.Time) (status int, body any) {
	return New(tenant, events).Comm100(path, query, now)
}

// Oracle holds a tenant's events, each chat and each agent walked once. It is
// read-only after New.
type Oracle struct {
	tenant Tenant
	events []*event.Event // all that stand, each once, in order
	stand  []*event.Event // those, and messages told again
	told   []*told        // the chats that were requested, as rows tell them, by id
	directory

	chats    []*chat // those that were requested, by id
	chatByID map[string]*chat
	agents   map[string]*agent

	visits      []*event.Event // visit.started
	views       []*event.Event // visit.started and page.viewed
	invitations []*event.Event // every invitation.* but .updated
	conversions []*event.Event
	offline     []*event.Event

	// known holds the ids announced by an .updated event, seen those that any
	// event names; both by kind of entity.
	known, seen map[string]map[string]bool

	invitationKind     map[string]string // from invitation.updated
	invitationCampaign map[string]string
	cannedCategory     map[string]string
}

// New sorts the events and walks every chat and every agent.
func New(tenant Tenant, events []event.Event) *Oracle {
	o := &Oracle{
		tenant:             tenant,
		chatByID:           map[string]*chat{},
		agents:             map[string]*agent{},
		known:              map[string]map[string]bool{},
		seen:               map[string]map[string]bool{},
		invitationKind:     map[string]string{},
		invitationCampaign: map[string]string{},
		cannedCategory:     map[string]string{},
	}
	ofChat := map[string][]*event.Event{}
	stand := standing(inOrder(events))
	o.directory = directoryOf(stand)
	o.stand = slices.Clone(stand)
	o.events = onceSaid(stand)
	for _, e := range o.events {
		o.note(e)
		switch kind, verb, _ := strings.Cut(e.Type, "."); {
		case kind == "chat", kind == "message", kind == "survey", kind == "bot":
			ofChat[e.Subject] = append(ofChat[e.Subject], e)
		case kind == "agent":
			o.agent(e.Subject).add(e)
		case e.Type == "visit.started":
			o.visits = append(o.visits, e)
			o.views = append(o.views, e)
		case e.Type == "page.viewed":
			o.views = append(o.views, e)
		case kind == "invitation" && verb != "updated":
			o.invitations = append(o.invitations, e)
		case kind == "conversion":
			o.conversions = append(o.conversions, e)
		case kind == "offline_message":
			o.offline = append(o.offline, e)
		}
	}
	for id, list := range ofChat {
		if c := walkChat(id, list); c != nil {
			o.chats = append(o.chats, c)
			o.chatByID[id] = c
			o.told = append(o.told, tell(id, list, o.firstGroup))
		}
	}
	slices.SortFunc(o.chats, func(a, b *chat) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(o.told, func(a, b *told) int { return strings.Compare(a.id, b.id) })
	return o
}

// inOrder is every event once, the first of each source and id, in the order in
// which the events of one entity count.
func inOrder(events []event.Event) []*event.Event {
	type identity struct{ source, id string }
	seen := map[identity]bool{}
	var list []*event.Event
	for i := range events {
		e := &events[i]
		if k := (identity{e.Source, e.ID}); !seen[k] {
			seen[k] = true
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, event.Compare)
	return list
}

// standing is the events that nothing takes back, retractions left out.
func standing(events []*event.Event) []*event.Event {
	type meant struct{ kind, subject, source, id string }
	taken := map[meant]bool{}
	for _, e := range events {
		if e.Type == "event.retracted" {
			source := e.Data.Source
			if source == "" {
				source = e.Source
			}
			taken[meant{e.Data.Type, e.Subject, source, e.Data.ID}] = true
		}
	}
	return slices.DeleteFunc(events, func(e *event.Event) bool {
		return e.Type == "event.retracted" || taken[meant{e.Type, e.Subject, e.Source, e.ID}]
	})
}

// onceSaid leaves out of the messages of a chat all but the first with the same messageId;
// what is private does not count and is no message.
func onceSaid(events []*event.Event) []*event.Event {
	said := map[[2]string]bool{}
	return slices.DeleteFunc(events, func(e *event.Event) bool {
		if e.Type != "message.sent" || e.Data.Private || e.Data.MessageID == "" {
			return false
		}
		key := [2]string{e.Subject, e.Data.MessageID}
		again := said[key]
		said[key] = true
		return again
	})
}

func (o *Oracle) agent(id string) *agent {
	if o.agents[id] == nil {
		o.agents[id] = &agent{}
	}
	return o.agents[id]
}

func mark(sets map[string]map[string]bool, kind string, ids ...string) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		if sets[kind] == nil {
			sets[kind] = map[string]bool{}
		}
		sets[kind][id] = true
	}
}

// note remembers which entities there are and what their .updated events say;
// events come in order of time, so the newest wins.
func (o *Oracle) note(e *event.Event) {
	d := &e.Data
	mark(o.seen, "agent", d.AgentID, d.FromAgentID, d.ToAgentID)
	mark(o.seen, "department", d.DepartmentID, d.FromDepartmentID, d.ToDepartmentID)
	mark(o.seen, "campaign", d.Campaign())
	mark(o.seen, "visitorSegment", d.SegmentIDs...)
	mark(o.seen, "conversionAction", d.ActionID)
	mark(o.seen, "autoInvitation", d.InvitationID)
	mark(o.seen, "cannedMessage", d.CannedMessageID)
	if d.Actor != nil && d.Actor.Type == "agent" {
		mark(o.seen, "agent", d.Actor.ID)
	}
	if d.RouteTo != nil {
		mark(o.seen, d.RouteTo.Type, d.RouteTo.ID)
	}
	switch e.Type {
	case "agent.updated":
		mark(o.known, "agent", e.Subject)
		mark(o.seen, "agent", e.Subject)
		if d.DepartmentIDs != nil {
			mark(o.seen, "department", *d.DepartmentIDs...)
		}
	case "agent.status_changed":
		mark(o.seen, "agent", e.Subject)
	case "department.updated":
		mark(o.known, "department", e.Subject)
		mark(o.seen, "department", e.Subject)
	case "campaign.updated":
		mark(o.known, "campaign", e.Subject)
		mark(o.seen, "campaign", e.Subject)
	case "invitation.updated":
		mark(o.seen, "autoInvitation", e.Subject)
		if d.Kind != "" {
			o.invitationKind[e.Subject] = d.Kind
		}
		if d.CampaignID != nil {
			o.invitationCampaign[e.Subject] = *d.CampaignID
		}
		delete(o.known["autoInvitation"], e.Subject)
		if o.invitationKind[e.Subject] != "manual" {
			mark(o.known, "autoInvitation", e.Subject)
		}
	case "canned_message.updated":
		mark(o.known, "cannedMessage", e.Subject)
		mark(o.seen, "cannedMessage", e.Subject)
		if d.CategoryID != "" {
			o.cannedCategory[e.Subject] = d.CategoryID
		}
	}
}
