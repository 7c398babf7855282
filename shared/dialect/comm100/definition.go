// Package comm100 answers Comm100's report API: one table of reports, each with its
// parameters and columns. In: a tenant, a path and parameters. Out: rows under the
// vendor's own names, or a refusal in its words. What a number means is the catalogue's
// business (shared/measure), how it is read the planner's (shared/report).
package comm100

import (
	"iter"
	"slices"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// Prefix is what all paths begin with.
const Prefix = "/api/v3/livechat/reports/"

// olderPrefix is that of the document's older version, which has the same reports.
const olderPrefix = "/api/v1/livechat/reports/"

// definition is one report: a row of the table.
type definition struct {
	// paths are its spellings, the documented one first, without Prefix.
	paths []string
	// family is the function that answers it.
	family string
	// enterprise: the business edition has no such report.
	enterprise bool
	// zoneless: it takes no timezone.
	zoneless bool
	// groups and filters are the values that group and filterName may have; none:
	// the report takes no such parameter.
	groups, filters []string
	columns         []column
	// byGroup replaces the columns where the group is the one named, byFilter where
	// there is such a filter.
	byGroup, byFilter map[string][]column
	// also is what the answer tells besides, for the catalogue only: columns
	// without a value.
	also []column
	// keys says what a key of the columns' measures stands for, where rows are
	// made of keys; ok is false where it counts in no row.
	keys func(r *request, key string) (k namedKey, ok bool)
	// serviceLevel: it can tell what share of requests was answered in time; scored: the
	// average score.
	serviceLevel, scored bool
	// ofOne: what it counts is of one agent, department and campaign each, if of any.
	ofOne bool
	// apart: a filter, or rows, by one dimension narrow only some of its measures.
	apart *apart
	// ids says of what kinds the ids under the property "id" are.
	ids []string
	// kinds are the entities the answer needs to know besides those of the group.
	kinds []string
	// answer replaces the ordinary way from columns to rows.
	answer func(r *request) (iter.Seq[dialect.Row], error)
	// single: the answer is one row and no list.
	single bool
	// instead says what to ask for instead of the rows behind a figure, where there are none.
	instead string
	// table are the columns of CSV where rows are not made of columns; added are those
	// that come after them with a group.
	table []string
	added map[string][]string
}

// column is one property of a report.
type column struct {
	name string
	// inDistribution is its name in the two distributions; empty: the same.
	inDistribution string
	// pooled: in a distribution the value of all occurrences together, instead of
	// the mean of the occurrences' values.
	pooled bool
	// whole: in a distribution the sum of the occurrences.
	whole bool
	// time: it is an average of samples of time, and so has percentiles; number: it is how many
	// there are of something, whatever its unit.
	time, number bool
	want         []report.Want
	value        func(t []*report.Total) float64
	// by is what value is divided by, if it is: by 0 there is no value.
	by func(t []*report.Total) float64
	// null: where there is no value it is null, and not 0.
	null bool
	// build makes a property that is no number; value then only says whether
	// there is something to tell. parts are the names within it.
	build func(t []*report.Total) any
	parts []string
}

// count is how many of a measure.
func count(name, inDistribution string, ids ...measure.ID) column {
	c := column{name: name, inDistribution: inDistribution, number: true, value: func(t []*report.Total) float64 {
		sum := int64(0)
		for _, t := range t {
			sum += t.N
		}
		return float64(sum)
	}}
	for _, id := range ids {
		c.want = append(c.want, report.Want{Measure: id})
	}
	return c
}

// mean is the average of samples in seconds.
func mean(name string, id measure.ID) column {
	return column{
		name: name, pooled: true, time: true, want: []report.Want{{Measure: id}},
		value: func(t []*report.Total) float64 { return ratio(float64(t[0].Millis), float64(t[0].N)*1000) },
		by:    func(t []*report.Total) float64 { return float64(t[0].N) },
	}
}

// percentile is one of samples in whole seconds, by nearest rank.
func percentile(name string, id measure.ID, p float64) column {
	return column{
		name: name, pooled: true, want: []report.Want{{Measure: id, Distribution: true}},
		value: func(t []*report.Total) float64 { return float64(t[0].Percentile(p)) },
		by:    func(t []*report.Total) float64 { return float64(t[0].N) },
	}
}

// orNull is a column that is null where there is nothing to compute it from.
func orNull(c column) column {
	c.null = true
	return c
}

// longest is the longest of samples in whole seconds.
func longest(name, inDistribution string, id measure.ID) column {
	return column{
		name: name, inDistribution: inDistribution, want: []report.Want{{Measure: id, Distribution: true}},
		value: func(t []*report.Total) float64 { return float64(t[0].Longest()) },
	}
}

// quotient is a ratio as it is told.
func quotient(a, b float64) any {
	if b == 0 {
		return dialect.Nothing(0)
	}
	return a / b
}

// ratio is 0 where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Values of group.
const (
	groupHour     = "hour"
	groupDay      = "day"
	groupWeek     = "week"
	groupMonth    = "month"
	groupWeekHour = "24*7Distribution"
	groupHalfHour = "halfHourDistribution"
	// Ours; the total is the range as one.
	groupQuarter = "quarter"
	groupYear    = "year"
	groupTotal   = "total"
)

var (
	calendarGroups     = []string{groupHour, groupDay, groupWeek, groupMonth, groupQuarter, groupYear, groupTotal}
	distributionGroups = []string{groupWeekHour, groupHalfHour}
	periods            = map[string]calendar.Period{
		groupHour: calendar.Hour, groupDay: calendar.Day, groupWeek: calendar.Week, groupMonth: calendar.Month, groupQuarter: calendar.Quarter, groupYear: calendar.Year,
		groupWeekHour: calendar.Hour, groupHalfHour: calendar.HalfHour,
	}
	byVolume         = []string{"campaign", "department", "visitorSegment"}
	byDepartment     = []string{"department"}
	byCampaign       = []string{"campaign"}
	distributionsAnd = func(groups ...string) []string { return slices.Concat(calendarGroups, distributionGroups, groups) }
	calendarAnd      = func(groups ...string) []string { return slices.Concat(calendarGroups, groups) }
)

// entity is a group or a filter that names entities.
type entity struct {
	dim measure.Dim
	// property is the name of its id in a row.
	property string
	// kind is its kind in the directory; empty: nobody announces such entities.
	kind string
	// number: decimal ids are JSON numbers.
	number bool
	// listed says whether a known one has a row without figures; nil: it has.
	listed func(*fact.Entry) bool
	// several: a chat may count for several, and so in several rows; always: all that is
	// counted by them counts for one.
	several, always bool
}

var entities = map[string]entity{
	"department":       {dim: measure.Department, property: "departmentId", kind: "department", several: true},
	"campaign":         {dim: measure.Campaign, property: "campaignId", kind: "campaign"},
	"visitorSegment":   {dim: measure.Segment, property: "visitorSegmentId", several: true},
	"agent":            {dim: measure.Agent, property: "agentId", kind: "agent", number: true, several: true},
	"autoInvitation":   {dim: measure.Invitation, property: "autoInvitationId", kind: "invitation", listed: func(e *fact.Entry) bool { return e.Kind != "manual" }},
	"conversion":       {dim: measure.Conversion},
	"conversionAction": {dim: measure.Conversion, property: "conversionActionId", several: true, always: true},
}

// definitions is the table of reports, in the order of the document, one slice a family, then
// those that are ours.
var definitions = slices.Concat(chatReports, queueReports, agentReports, satisfactionReports, conversionReports, realtimeReports, ourReports)

// Report describes one report to documentation and tests.
type Report struct {
	Path            string // without Prefix
	Family          string
	Groups, Filters []string
	Parameters      dialect.Parameters
	Enterprise      bool
	Realtime        bool
}

// Reports lists the reports in the order of the document.
func Reports() []Report {
	out := make([]Report, len(definitions))
	for i := range definitions {
		d := &definitions[i]
		out[i] = Report{d.paths[0], d.family, d.groups, d.filters, d.takes(), d.enterprise, d.realtime()}
	}
	return out
}
