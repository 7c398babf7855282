// Package event turns bytes into canonical events and refuses everything else.
// In: a CloudEvents 1.0 object and the moment of arrival. Out: an Event, or a
// Refusal that names the field and what would be right. It knows no storage, no
// HTTP and no clock.
package event

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// Event is one canonical event (SEMANTICS section 1): something that happened to
// an entity at a time.
type Event struct {
	ID      string
	Source  string
	Type    string
	Subject string
	// At is when it happened, in Unix milliseconds; finer digits are cut off.
	At   int64
	Data Data
}

// Time is At as a time in UTC.
func (e *Event) Time() time.Time { return time.UnixMilli(e.At).UTC() }

// Actor is who did something.
type Actor struct {
	Type    string `json:"type"`
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	SubType string `json:"subType,omitempty"`
}

// MarshalJSON writes an actor; a rule is the word "auto".
func (a Actor) MarshalJSON() ([]byte, error) {
	if a.Type == "auto" {
		return []byte(`"auto"`), nil
	}
	type plain Actor
	return json.Marshal(plain(a))
}

// Route is a queue: of the whole site, of a department or of an agent.
type Route struct {
	Type string `json:"type"`
	ID   string `json:"id,omitempty"`
}

// Answer is one field of a survey or of a wrap-up.
type Answer struct {
	FieldID   string   `json:"fieldId"`
	FieldName string   `json:"fieldName"`
	Group     string   `json:"group,omitempty"`
	Options   []string `json:"options"`
}

// Interaction is one entry of a story's list (story.updated).
type Interaction struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type,omitempty"`
	ParentID string `json:"parentId,omitempty"`
}

// Data holds the members of every type's data; the table in types.go says which
// type has which.
type Data struct {
	VisitorID    string   `json:"visitorId,omitempty"`
	VisitorName  string   `json:"visitorName,omitempty"`
	VisitorType  string   `json:"visitorType,omitempty"`
	InitiatedBy  string   `json:"initiatedBy,omitempty"`
	Source       string   `json:"source,omitempty"`
	InvitationID string   `json:"invitationId,omitempty"`
	EntrypointID string   `json:"entrypointId,omitempty"`
	CampaignID   *string  `json:"campaignId,omitempty"`
	DepartmentID string   `json:"departmentId,omitempty"`
	ChannelID    string   `json:"channelId,omitempty"`
	ChannelName  string   `json:"channelName,omitempty"`
	SegmentIDs   []string `json:"segmentIds,omitempty"`
	HostID       string   `json:"hostId,omitempty"`
	PageURL      string   `json:"pageUrl,omitempty"`
	SessionID    string   `json:"sessionId,omitempty"`
	PlaybookID   string   `json:"playbookId,omitempty"`
	Offline      *bool    `json:"offline,omitempty"`

	RouteTo          *Route `json:"routeTo,omitempty"`
	AgentID          string `json:"agentId,omitempty"`
	AgentName        string `json:"agentName,omitempty"`
	DepartmentName   string `json:"departmentName,omitempty"`
	MessageID        string `json:"messageId,omitempty"`
	GroupID          string `json:"groupId,omitempty"`
	GroupName        string `json:"groupName,omitempty"`
	By               *Actor `json:"by,omitempty"`
	Routing          string `json:"routing,omitempty"`
	FromAgentID      string `json:"fromAgentId,omitempty"`
	ToAgentID        string `json:"toAgentId,omitempty"`
	FromDepartmentID string `json:"fromDepartmentId,omitempty"`
	ToDepartmentID   string `json:"toDepartmentId,omitempty"`

	Actor            *Actor `json:"actor,omitempty"`
	Length           int64  `json:"length,omitempty"`
	CannedMessageID  string `json:"cannedMessageId,omitempty"`
	CannedCategoryID string `json:"cannedCategoryId,omitempty"`
	Private          bool   `json:"private,omitempty"`

	ResolveType string `json:"resolveType,omitempty"`
	SuccessCode string `json:"successCode,omitempty"`
	Cause       string `json:"cause,omitempty"`

	CategoryID      string `json:"categoryId,omitempty"`
	CategoryName    string `json:"categoryName,omitempty"`
	SubCategoryID   string `json:"subCategoryId,omitempty"`
	SubCategoryName string `json:"subCategoryName,omitempty"`

	Score         int64    `json:"score,omitempty"`
	Comment       string   `json:"comment,omitempty"`
	IssueResolved *bool    `json:"issueResolved,omitempty"`
	CSATID        string   `json:"csatId,omitempty"`
	Fields        []Answer `json:"fields,omitempty"`
	Tag           string   `json:"tag,omitempty"`
	CQLScore      int64    `json:"cqlScore,omitempty"`
	Reason        string   `json:"reason,omitempty"`

	Kind           string `json:"kind,omitempty"`
	From           string `json:"from,omitempty"`
	InvitationName string `json:"invitationName,omitempty"`
	EntrypointType string `json:"entrypointType,omitempty"`
	EntrypointName string `json:"entrypointName,omitempty"`
	ActionID       string `json:"actionId,omitempty"`
	// Value is a conversion's value, exact to six decimals. Wide says that it is large and
	// counted as thousands and the rest, so that sums of any number of them fit; large
	// values that were stored before there was such a thing are not.
	Value  Decimal `json:"value,omitzero"`
	Wide   bool    `json:"-" cbor:"wide,omitempty"`
	ChatID string  `json:"chatId,omitempty"`

	StoryID         string `json:"storyId,omitempty"`
	InteractionID   string `json:"interactionId,omitempty"`
	InteractionName string `json:"interactionName,omitempty"`
	InteractionType string `json:"interactionType,omitempty"`
	ParentID        string `json:"parentId,omitempty"`

	Status  string `json:"status,omitempty"`
	Enabled bool   `json:"enabled,omitempty"`

	// Members of .updated events are pointers: absent leaves what was there.
	Username           *string       `json:"username,omitempty"`
	FirstName          *string       `json:"firstName,omitempty"`
	LastName           *string       `json:"lastName,omitempty"`
	Email              *string       `json:"email,omitempty"`
	DepartmentIDs      *[]string     `json:"departmentIds,omitempty"`
	MaxConcurrentChats *int64        `json:"maxConcurrentChats,omitempty"`
	AccountID          *string       `json:"accountId,omitempty"`
	Disabled           *bool         `json:"disabled,omitempty"`
	Name               *string       `json:"name,omitempty"`
	Hostname           *string       `json:"hostname,omitempty"`
	MultipleAccID      *string       `json:"multipleAccId,omitempty"`
	Interactions       []Interaction `json:"interactions,omitzero"` // empty is not absent

	// Type and ID, with Source, name the event that a retraction means.
	Type string `json:"type,omitempty"`
	ID   string `json:"id,omitempty"`

	// Rest is a JSON object of the members, at their depth, that the type does not know.
	// They are kept and count for nothing.
	Rest json.RawMessage `json:"-" cbor:"*,omitempty"`
}

// Thousand is a thousand.
const Thousand = Decimal(1000 * million)

// SetValue sets a conversion's value.
func (d *Data) SetValue(v Decimal) {
	d.Value, d.Wide = v, v >= Thousand || v <= -Thousand
}

// Statuses are an agent's built-in ones.
var Statuses = []string{"online", "away", "offline"}

// Campaign is the campaign named, or empty.
func (d *Data) Campaign() string {
	if d.CampaignID == nil {
		return ""
	}
	return *d.CampaignID
}

// Entity is what an event is folded into: its kind (chat, visitor, agent, …) and
// id. It is the type's subject, with one exception: a conversion that names a
// chat belongs to that chat, because who it counts for depends on who was in it. A
// retraction lies with the entity of the type it means.
func (e *Event) Entity() (kind, id string) {
	if e.Type == "conversion.recorded" && e.Data.ChatID != "" {
		return "chat", e.Data.ChatID
	}
	if e.Type == Retracted {
		return types[e.Data.Type].subject, e.Subject
	}
	return types[e.Type].subject, e.Subject
}

// Retracted is the type of a retraction: from then on the event it means counts nowhere.
// It is no event of the entity itself.
const Retracted = "event.retracted"

// Meant is the event that a retraction takes back, as far as it names it.
func (e *Event) Meant() Event {
	source := e.Data.Source
	if source == "" {
		source = e.Source
	}
	return Event{ID: e.Data.ID, Source: source, Type: e.Data.Type, Subject: e.Subject}
}

// rank orders events of one entity that happened in the same millisecond.
func rank(typ string) int {
	switch typ {
	case "chat.requested":
		return 0
	case "chat.reopened":
		return 1
	case "chat.queued":
		return 2
	case "chat.assigned":
		return 3
	case "chat.accepted":
		return 4
	case "chat.transferred":
		return 5
	case "chat.refused":
		return 7
	case "chat.abandoned":
		return 8
	case "chat.missed":
		return 9
	case "chat.switched_to_message":
		return 10
	case "chat.left":
		return 11
	case "chat.closed":
		return 12
	}
	return 6
}

// Place is what orders the events of one entity.
type Place struct {
	At               int64
	Type, ID, Source string
}

// Place is the event's.
func (e *Event) Place() Place { return Place{e.At, e.Type, e.ID, e.Source} }

// Compare orders the events of one entity: see Place.Compare.
func Compare(a, b *Event) int { return a.Place().Compare(b.Place()) }

// Compare orders by time, then by what must come first (requested, reopened, queued, assigned,
// accepted, transferred, everything else, refused, abandoned, missed, switched, left, closed),
// then by id and source.
func (p Place) Compare(o Place) int {
	switch {
	case p.At != o.At:
		return cmp.Compare(p.At, o.At)
	case p.Type != o.Type && rank(p.Type) != rank(o.Type):
		return rank(p.Type) - rank(o.Type)
	case p.ID != o.ID:
		return strings.Compare(p.ID, o.ID)
	}
	return strings.Compare(p.Source, o.Source)
}
