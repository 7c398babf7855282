package comm100

import (
	"cmp"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
)

// ourReports are those that the document does not have. An average of nothing is null in them.
var ourReports = []definition{
	{
		paths: []string{"firstResponseTime"}, family: "agents", ofOne: true, groups: distributionsAnd("department", "agent", "campaign"), filters: []string{"department", "agent", "campaign"},
		columns: slices.Concat([]column{count("firstResponses", "avgFirstResponses", measure.FirstResponse)}, firstResponse),
	},
	{
		paths: []string{"leaderboard"}, family: "agents", groups: calendarAnd(agentOrDepartment...), filters: []string{"agent", "department", "campaign"},
		columns: slices.Concat(
			[]column{count("chats", "", measure.Chats), orNull(mean("avgWaitTime", measure.Wait)), count("firstResponses", "", measure.FirstResponse)},
			firstResponse,
			[]column{
				count("ratings", "", scores...), orNull(meanScore("avgScore")),
				seconds("loggedInTime", "", measure.LoggedIn), orNull(ofLoggedIn("agentUtilization", "", measure.LinearChatTime)),
			},
		),
		apart: &apart{measure.Campaign, ofCampaigns},
	},
}

// firstResponse is how long first responses took.
var firstResponse = []column{
	orNull(mean("avgFirstResponseTime", measure.FirstResponse)),
	orNull(percentile("medianFirstResponseTime", measure.FirstResponse, 50)),
	orNull(percentile("p90FirstResponseTime", measure.FirstResponse, 90)),
}

// ofCampaigns says whether a measure can be of a campaign: agents' time is of all.
func ofCampaigns(id measure.ID) bool { return id != measure.LoggedIn && id != measure.LinearChatTime }

// readSort checks by which column rows of entities are sorted: -name begins with the largest.
func (r *request) readSort(v *dialect.Values) *dialect.Refusal {
	if r.sort = v.Text("sort"); r.sort == "" {
		return nil
	}
	if entities[r.group].dim == measure.None {
		return dialect.Invalid("sort", "it goes with a group of entities, such as agent, and not with %q", r.group)
	}
	var names, largest []string
	for _, c := range r.extended(r.shown()) {
		if c.build == nil {
			names = append(names, r.label(&c))
			largest = append(largest, "-"+r.label(&c))
		}
	}
	if !slices.Contains(names, strings.TrimPrefix(r.sort, "-")) {
		return dialect.NoneOf("sort", r.sort, append(names, largest...))
	}
	return nil
}

// sorted puts entities into the order that is asked for, those that have no value at the end.
func (s *sheet) sorted(ids []string) []string {
	if s.sort == "" {
		return ids
	}
	name, falling := strings.CutPrefix(s.sort, "-")
	column := slices.IndexFunc(s.columns, func(c column) bool { return s.label(&c) == name })
	value := func(id string) (v float64, ok bool) {
		v, ok = s.value(place{buckets: []int{0}}, id, column).(float64)
		return v, ok
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		x, some := value(a)
		y, other := value(b)
		switch {
		case some != other:
			return map[bool]int{true: -1, false: 1}[some]
		case falling:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	})
	return ids
}
