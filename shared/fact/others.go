package fact

import (
	"slices"
	"strings"

	"chatreports/shared/event"
)

// Visitor is one hour of a visitor: what happened in it, in order.
type Visitor struct {
	Points []Point `cbor:"1,keyasint,omitempty"`
}

// Point is something a visitor did or was offered.
type Point struct {
	_          struct{} `cbor:",toarray"`
	At         int64
	Type       string // the event's type
	Kind       string // of an invitation or an entry point
	ID         string // of the invitation, the entry point or the session
	Campaign   string
	Agent      string
	Host       string
	Conversion *Conversion
}

func (v *Visitor) fold(e *event.Event) {
	d := &e.Data
	p := Point{At: e.At, Type: e.Type, Kind: d.Kind, ID: d.InvitationID, Campaign: d.Campaign(), Agent: d.AgentID, Host: d.HostID}
	switch e.Type {
	case "visit.started":
		p.ID = d.SessionID
	case "entrypoint.viewed", "entrypoint.clicked":
		p.Kind, p.ID = d.EntrypointType, d.EntrypointID
	case "conversion.recorded":
		c := conversion(e)
		p.Conversion = &c
	}
	v.Points = append(v.Points, p)
}

// Message is an offline message.
type Message struct {
	At         int64    `cbor:"1,keyasint,omitempty"`
	From       string   `cbor:"2,keyasint,omitempty"` // button or queue
	Department string   `cbor:"3,keyasint,omitempty"`
	Campaign   string   `cbor:"4,keyasint,omitempty"`
	Segments   []string `cbor:"5,keyasint,omitempty"`
	// More are further messages under the same id.
	More []Message `cbor:"6,keyasint,omitempty"`
}

func (m *Message) fold(e *event.Event) {
	d := &e.Data
	next := Message{At: e.At, From: d.From, Department: d.DepartmentID, Campaign: d.Campaign(), Segments: unique(d.SegmentIDs)}
	if m.From == "" {
		*m = next
		return
	}
	m.More = append(m.More, next)
}

// Entry is what the .updated events say of an entity, merged field by field.
type Entry struct {
	Name               *string             `cbor:"1,keyasint,omitempty"`
	AccountID          *string             `cbor:"2,keyasint,omitempty"`
	Hostname           *string             `cbor:"3,keyasint,omitempty"`
	MultipleAccID      *string             `cbor:"4,keyasint,omitempty"`
	Kind               string              `cbor:"5,keyasint,omitempty"`
	CampaignID         *string             `cbor:"6,keyasint,omitempty"`
	CategoryID         string              `cbor:"7,keyasint,omitempty"`
	Interactions       []event.Interaction `cbor:"8,keyasint,omitempty"`
	Username           *string             `cbor:"9,keyasint,omitempty"`
	FirstName          *string             `cbor:"10,keyasint,omitempty"`
	LastName           *string             `cbor:"11,keyasint,omitempty"`
	Email              *string             `cbor:"12,keyasint,omitempty"`
	DepartmentIDs      []string            `cbor:"13,keyasint,omitempty"`
	MaxConcurrentChats *int64              `cbor:"14,keyasint,omitempty"`
	Disabled           *bool               `cbor:"15,keyasint,omitempty"`
	// Known: some .updated event was seen.
	Known bool `cbor:"16,keyasint,omitempty"`
	// Moves are the changes of an agent's departments, oldest first.
	Moves []Move `cbor:"17,keyasint,omitempty"`
}

// Move says which departments an agent is a member of from a time on.
type Move struct {
	_           struct{} `cbor:",toarray"`
	At          int64
	Departments []string
}

func (n *Entry) fold(e *event.Event) {
	d := &e.Data
	n.Known = true
	set(&n.Name, d.Name)
	set(&n.AccountID, d.AccountID)
	set(&n.Hostname, d.Hostname)
	set(&n.MultipleAccID, d.MultipleAccID)
	set(&n.CampaignID, d.CampaignID)
	set(&n.Username, d.Username)
	set(&n.FirstName, d.FirstName)
	set(&n.LastName, d.LastName)
	set(&n.Email, d.Email)
	set(&n.MaxConcurrentChats, d.MaxConcurrentChats)
	set(&n.Disabled, d.Disabled)
	if d.Kind != "" {
		n.Kind = d.Kind
	}
	if d.CategoryID != "" {
		n.CategoryID = d.CategoryID
	}
	if d.Interactions != nil {
		n.Interactions = d.Interactions
	}
	if d.DepartmentIDs != nil {
		n.DepartmentIDs = unique(*d.DepartmentIDs)
		n.Moves = append(n.Moves, Move{At: e.At, Departments: n.DepartmentIDs})
	}
}

func set[T any](field **T, v *T) {
	if v != nil {
		*field = v
	}
}

// Agent is one UTC day of an agent on which something happened, up to the next
// such day.
type Agent struct {
	ID string `cbor:"8,keyasint,omitempty"`
	// Start is the day's midnight; Until the next segment's, or Forever.
	Start int64 `cbor:"1,keyasint,omitempty"`
	Until int64 `cbor:"2,keyasint,omitempty"`
	// Before is the state the segment before ended in, After the one this ends in.
	Before AgentState `cbor:"3,keyasint,omitempty"`
	After  AgentState `cbor:"4,keyasint,omitempty"`
	// Statuses are the changes of status within the segment, repeats left out.
	Statuses []Status `cbor:"5,keyasint,omitempty"`
	// Moves are the changes of departments within the segment.
	Moves []Move `cbor:"6,keyasint,omitempty"`
	// Updated says that an agent.updated was folded into this segment.
	Updated bool `cbor:"7,keyasint,omitempty"`
}

// AgentState is what holds of an agent at a moment.
type AgentState struct {
	Status      string   `cbor:"1,keyasint,omitempty"` // empty is offline
	Departments []string `cbor:"2,keyasint,omitempty"`
	Profile     *Entry   `cbor:"3,keyasint,omitempty"`

	// Told says that what follows is known. Segments of an earlier generation do not say
	// it, and neither do those that go on from one.
	Told bool `cbor:"4,keyasint,omitempty"`
	// Current is the status, whatever campaigns were said; Series are those of each
	// campaign. Both are empty before the first status.
	Current    *Period     `cbor:"5,keyasint,omitempty"`
	Series     []Period    `cbor:"6,keyasint,omitempty"`
	AutoAssign *AutoAssign `cbor:"7,keyasint,omitempty"`
}

// Status is a change of status.
type Status struct {
	_      struct{} `cbor:",toarray"`
	At     int64
	Status string
}

// NewAgent begins a segment in a state.
func NewAgent(id string, start, until int64, before AgentState) *Fact {
	return &Fact{Generation: Generation, Agent: &Agent{ID: id, Start: start, Until: until, Before: before, After: before.clone()}}
}

func (s AgentState) clone() AgentState {
	if s.Profile != nil {
		p := *s.Profile
		p.Moves = slices.Clone(p.Moves)
		s.Profile = &p
	}
	s.Series = slices.Clone(s.Series)
	return s
}

func (a *Agent) fold(e *event.Event) {
	a.After.tell(e)
	switch e.Type {
	case "agent.status_changed":
		s := e.Data.Status
		if s == "offline" {
			s = ""
		}
		if !strings.EqualFold(s, a.After.Status) { // a name is the same in any case of letters
			a.After.Status = s
			a.Statuses = append(a.Statuses, Status{At: e.At, Status: s})
		}
	case "agent.updated":
		a.Updated = true
		if a.After.Profile == nil {
			a.After.Profile = &Entry{}
		}
		a.After.Profile.fold(e)
		if e.Data.DepartmentIDs != nil {
			a.After.Departments = unique(*e.Data.DepartmentIDs)
			a.Moves = append(a.Moves, Move{At: e.At, Departments: a.After.Departments})
		}
	}
}
