// Package reports says which reports can be delivered, and makes them: those of every
// dialect that has any. In: the tables they are read from. Out: what package schedule
// delivers. It knows no vendor's columns and no engine.
package reports

import (
	"chatreports/shared/schedule"
	"chatreports/shared/table"
)

// All are the reports by name, dialect/name. Without tables they can be checked and not
// be made.
func All(state, journal table.Table) map[string]*schedule.Report {
	out := map[string]*schedule.Report{}
	addComm100(out, state)
	return out
}
