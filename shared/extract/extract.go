// Package extract tells the rows of a time again from the journal: which chats and
// agents did something in it, their events, and what a report's row function says of
// each, in order. In: a window and a report. Out: a sheet that is read once, as it is
// made. It knows no vendor's report, no HTTP and no objects.
package extract

import (
	"chatreports/shared/calendar"
	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/tenant"
)

// Row is one row of a report, with what orders it. Once it was given, its slices are the
// report's again.
type Row struct {
	// At is the time that decides in which window the row is, in Unix milliseconds.
	At int64
	// Order are what rows of one time are ordered by: ids, compared as bytes.
	Order []string
	Cells []string
}

// Window is what a report is asked about.
type Window struct {
	Tenant *tenant.Tenant
	// From and To are Unix milliseconds: From is in, To is out. math.MinInt64 and
	// math.MaxInt64 are no bounds. Now is the present.
	From, To, Now int64
	// Hours are the tenant's business hours.
	Hours *calendar.BusinessHours
}

// Report declares a report that is told row by row. Exactly one of Chats and Agents is
// set. It gives all rows of an entity that lie in the window, in any order; of those it
// gives beside them nothing is told.
type Report struct {
	// Name is what callers ask for.
	Name    string
	Columns []dialect.Column
	// Types are those of the steps that rows of chats are told of, beside assignments and what
	// every conversation has; nil: of all, and of what follows from all. The fewer there are,
	// the less is read: see conversation.Teller.
	Types []string
	// Overlapping says that a chat has rows also for what only lasts in the window,
	// nothing having happened in it: an agent's stay. Their time is the window's From.
	Overlapping bool

	Chats  func(w *Window, names Names, c *conversation.Conversation, emit func(Row))
	Agents func(w *Window, names Names, a *Agent, emit func(Row))
}

// Names is what rows say of entities beyond what their own events do. It is the newest
// state for all rows, whenever they were. Kinds are agent, department, channel, user, bot,
// system, campaign, entrypoint, invitation, host, and of labels category and subcategory.
type Names interface {
	// Name is the name of an entity: what its .updated events say, of an agent "firstName
	// lastName" or else the username, of a host its hostname; else the newest that any
	// event gave for that id; else empty.
	Name(kind, id string) string
	// Entry is what the .updated events of an entity say, field by field; of one that has
	// none it is empty, and never nil.
	Entry(kind, id string) *fact.Entry
	// Groups are the departments of an agent, the first first.
	Groups(agent string) []string
	// Newest is the newest event of a visitor at or before a time that matches; nil: there
	// is none.
	Newest(visitor string, at int64, matches func(*event.Event) bool) *event.Event
}
