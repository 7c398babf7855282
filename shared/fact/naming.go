package fact

import (
	"slices"
	"time"

	"chatreports/shared/event"
)

// Naming is the newest name that the events of a fact give an entity, or only that they
// name it at all: of agents and hosts that is told, too.
type Naming struct {
	_    struct{} `cbor:",toarray"`
	Kind Kind
	ID   string // empty where the fact has it anyway: see IDOf
	Name string
	Day  int64 // the UTC day on which it was given; of no name, on which it was first named
	Ref  Ref
}

// IDOf is the id that a naming of the fact is of. A chat may have it among its names, and
// has that of its visitor in the request.
func (f *Fact) IDOf(n *Naming) string {
	switch {
	case n.ID != "":
		return n.ID
	case n.Ref != 0:
		return f.Chat.Names.Name(n.Ref)
	}
	return f.Chat.Request.VisitorID
}

// Kind is what a name is of. The numbers are stored, and for good.
type Kind uint8

// Kinds of what events name.
const (
	KindAgent      Kind = 1
	KindDepartment Kind = 2 // or group
	KindChannel    Kind = 3
	KindUser       Kind = 4
	KindBot        Kind = 5
	KindSystem     Kind = 6
	KindEntrypoint Kind = 7
	KindInvitation Kind = 8
	KindHost       Kind = 9

	KindCategory    Kind = 10 // of labels
	KindSubCategory Kind = 11
)

var kindNames = [...]string{
	KindAgent: "agent", KindDepartment: "department", KindChannel: "channel", KindUser: "user", KindBot: "bot",
	KindSystem: "system", KindEntrypoint: "entrypoint", KindInvitation: "invitation", KindHost: "host",
	KindCategory: "category", KindSubCategory: "subcategory",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// kindOf is the kind of an actor; 0: no entity.
func kindOf(actor string) Kind {
	switch actor {
	case "agent":
		return KindAgent
	case "user":
		return KindUser
	case "bot":
		return KindBot
	case "system":
		return KindSystem
	}
	return 0
}

// note notes whom any event names, also one that counts nowhere else.
func (f *Fact) note(e *event.Event) {
	if f.Chat == nil && f.Agent == nil && f.Visitor == nil {
		return
	}
	eachNamed(e, f.Agent != nil, func(kind Kind, id, name string) { f.named(e.At, kind, id, name) })
}

// eachNamed yields whom an event names; ofAgent says that it is an event of an agent.
func eachNamed(e *event.Event, ofAgent bool, f func(kind Kind, id, name string)) {
	d := &e.Data
	named := func(kind Kind, id, name string) {
		if id != "" && kind != 0 && (name != "" || kind == KindAgent || kind == KindHost) {
			f(kind, id, name)
		}
	}
	if ofAgent {
		named(KindAgent, e.Subject, "")
	}
	named(KindAgent, d.AgentID, d.AgentName)
	named(KindAgent, d.FromAgentID, "")
	named(KindAgent, d.ToAgentID, "")
	named(KindDepartment, d.DepartmentID, d.DepartmentName)
	named(KindDepartment, d.GroupID, d.GroupName)
	named(KindChannel, d.ChannelID, d.ChannelName)
	named(KindUser, d.VisitorID, d.VisitorName)
	named(KindEntrypoint, d.EntrypointID, d.EntrypointName)
	named(KindInvitation, d.InvitationID, d.InvitationName)
	named(KindHost, d.HostID, "")
	named(KindCategory, d.CategoryID, d.CategoryName)
	named(KindSubCategory, d.SubCategoryID, d.SubCategoryName)
	for _, a := range []*event.Actor{d.Actor, d.By} {
		if a != nil {
			named(kindOf(a.Type), a.ID, a.Name)
		}
	}
	if r := d.RouteTo; r != nil && r.Type == "agent" {
		named(KindAgent, r.ID, "")
	}
}

// LastNamed is the name that events of one fact, in order, give an entity last, and when;
// ok is false where they give it none.
func LastNamed(events []event.Event, kind, id string) (name string, at int64, ok bool) {
	for i := range events {
		eachNamed(&events[i], false, func(k Kind, other, n string) {
			if n != "" && other == id && k.String() == kind {
				name, at, ok = n, events[i].At, true
			}
		})
	}
	return name, at, ok
}

// named notes one name; events come in order.
func (f *Fact) named(at int64, kind Kind, id, name string) {
	for i := range f.Named {
		n := &f.Named[i]
		if n.Kind != kind || f.IDOf(n) != id {
			continue
		}
		if name != "" {
			n.Name, n.Day = name, DayOf(at)
		}
		return
	}
	n := Naming{Kind: kind, ID: id, Name: name, Day: DayOf(at)}
	if c := f.Chat; c != nil {
		switch known := Ref(slices.Index(c.Names, id) + 1); {
		case known != 0:
			n.ID, n.Ref = "", known
		case kind == KindUser && c.Request != nil && c.Request.VisitorID == id:
			n.ID = ""
		}
	}
	f.Named = append(f.Named, n)
}

// dayMillis is the length of a UTC day.
const dayMillis = int64(24 * time.Hour / time.Millisecond)

// DayOf is the number of the UTC day, counted from 1970, that a time lies in.
func DayOf(ms int64) int64 {
	d := ms / dayMillis
	if ms%dayMillis < 0 {
		d--
	}
	return d
}

// Midnight is when a UTC day begins, in Unix milliseconds.
func Midnight(day int64) int64 { return day * dayMillis }

// touch notes on which day an event of the chat happened; they come in order.
func (c *Chat) touch(at int64) {
	if day := DayOf(at); len(c.Days) == 0 || c.Days[len(c.Days)-1] != day {
		c.Days = append(c.Days, day)
	}
}
