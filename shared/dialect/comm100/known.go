package comm100

import (
	"slices"

	"chatreports/shared/fact"
)

// kinds lists which entities of the directory the answer needs.
func (r *request) kinds() []string {
	kinds := slices.Clone(r.def.kinds)
	if kind := entities[r.of()].kind; kind != "" {
		kinds = append(kinds, kind)
	}
	if r.of() == "agent" || r.of() == "department" && r.filters["agent"] != "" {
		kinds = append(kinds, "agent")
	}
	if r.names {
		kinds = append(kinds, r.kindsNamed()...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// keeps says whether an entity of the group has a row even if all its figures are
// 0: every known one, but of agents and departments crossed only members.
func (r *request) keeps(id string) bool {
	group := r.of()
	e := entities[group]
	entry := r.Entries(e.kind)[id]
	switch {
	case entry == nil || !entry.Known || e.listed != nil && !e.listed(entry):
		return false
	case group == "agent" && r.filters["department"] != "":
		return r.member(id, r.filters["department"])
	case group == "department" && r.filters["agent"] != "":
		return r.member(r.filters["agent"], id)
	}
	return true
}

// member says whether an agent was a member of a department for some time of the range.
func (r *request) member(agent, department string) bool {
	entry := r.Entries("agent")[agent]
	if entry == nil {
		return false
	}
	from, to := r.from.UnixMilli(), r.to.UnixMilli()
	for i, m := range entry.Moves {
		end := fact.Forever
		if i+1 < len(entry.Moves) {
			end = entry.Moves[i+1].At
		}
		if max(m.At, from) < min(end, to) && slices.Contains(m.Departments, department) {
			return true
		}
	}
	return false
}
