// Package reports says which reports can be delivered, and makes them: all of every
// dialect. In: the tables they are read from. Out: what package schedule
// delivers. It knows no vendor's columns and no engine.
package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// All are the reports by name, dialect/name. Without tables they can be checked and not
// be made.
func All(state, journal table.Table) map[string]*schedule.Report {
	out := map[string]*schedule.Report{}
	addComm100(out, state, journal)
	addFreshchat(out, state, journal)
	addConversation24(out, state, journal)
	addDrift(out, state, journal)
	addChatBot(out, state)
	return out
}

// anyDay is a day for which parameters are checked: 2026-01-01.
const anyDay = int64(1_767_225_600_000)

// refused says that a schedule's report would refuse what it asks.
func refused(s *tenant.Schedule, r *dialect.Refusal) error {
	if r == nil {
		return nil
	}
	return &schedule.FieldError{Field: "parameters", Err: fmt.Errorf("%q is refused by %s: %s", s.ID, s.Report, r.Sentence())}
}

// known refuses parameters of a schedule that are none of its report's.
func known(s *tenant.Schedule, names []string) error {
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		if slices.Contains(names, name) {
			continue
		}
		takes := s.Report + " takes none"
		if len(names) > 0 {
			takes = fmt.Sprintf("%s takes '%s', and its period from the schedule", s.Report, strings.Join(names, "', '"))
		}
		return &schedule.FieldError{Field: "parameters", Err: fmt.Errorf("%q has parameter %q; %s", s.ID, dialect.Clip(name), takes)}
	}
	return nil
}
