// Package extract tells the rows of a time again from the journal: which chats and
// agents did something in it, their events, and what a report's row function says of
// each, in order. In: a window and a report. Out: a sheet that is read once, as it is
// made. It knows no vendor's report, no HTTP and no objects.
package extract

import (
	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
)

// Row is one row of a report, with what orders it.
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
	// From and To are Unix milliseconds: From is in, To is out. Now is the present.
	From, To, Now int64
}

// Report declares a report that is told row by row.
type Report struct {
	// Name is what callers ask for.
	Name    string
	Columns []dialect.Column
	// Overlapping says that a chat or an agent has rows also for what only lasts in the
	// window, nothing having happened in it.
	Overlapping bool
}
