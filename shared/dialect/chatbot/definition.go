// Package chatbot answers ChatBot's report API: one table of reports, each with its
// parameters. In: a tenant, a path and parameters. Out: the vendor's JSON, CSV, or a
// refusal. What a number means is the catalogue's business (shared/measure), how it is
// read the planner's (shared/report).
package chatbot

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/nearest"
)

// Prefix is what all paths begin with.
const Prefix = "/reports/"

// definition is one report: a row of the table.
type definition struct {
	name string // its path without Prefix
	// takes are its parameters, besides the range and the format.
	takes dialect.Parameters
	// counts is the measure whose keys are counted.
	counts measure.ID
	// average: counts are divided by how many of the next finer periods there are.
	average bool
	// several: it may be asked for several sources and stories at once.
	several bool
	// shares: it tells beside each value which part of all it is.
	shares bool
	answer func(r *request) (*dialect.Answer, error)
	figure func(r *request, q *drill) error
}

// definitions is the table of reports, in the order of the document.
var definitions = []definition{
	{name: "conversations", takes: ofPoints, counts: measure.BotChats, several: true, answer: points, figure: pointFigure},
	{name: "conversations.paid", takes: ofPoints, counts: measure.BotPaidChats, several: true, answer: points, figure: pointFigure},
	{name: "conversations.messages", takes: ofPoints, counts: measure.BotMessages, several: true, answer: points, figure: pointFigure},
	{name: "conversations.average", takes: ofPoints, counts: measure.BotChats, average: true, several: true, answer: points, figure: pointFigure},
	{name: "busiest-period", takes: ofBusiest, counts: measure.BotChats, shares: true, answer: busiest, figure: busiestFigure},
	{name: "interactions", takes: ofInteractions, counts: measure.BotInteractions, several: true, shares: true, answer: interactions, figure: interactionFigure},
}

// sources are where a bot may talk, in order.
var sources = []string{"app", "custom", "livechat", "livechat3", "messenger", "slack", "widget"}

// Values of group.
const (
	groupStory  = "storyId"
	groupSource = "source"
)

var (
	ofRange = dialect.Parameters{
		{Name: "from", Kind: dialect.Time, About: "where the range begins: a day such as 2026-3-1, which is its midnight in UTC, or RFC 3339; with `to` alone, 1974-1-1"},
		{Name: "to", Kind: dialect.Time, About: "where it ends, not included; with `from` alone, now"},
		{Name: "period", Values: periods, About: "the range, where neither `from` nor `to` is given; `last30days` without it"},
	}
	bySource = dialect.Parameters{
		{Name: "source", Repeatable: true, About: "only interactions there: one of " + strings.Join(sources, ", ")},
		{Name: "source[]", Repeatable: true, About: "another spelling of `source`"},
	}
	byStory = dialect.Parameters{
		{Name: "storyId", Repeatable: true, About: "only interactions of this story"},
		{Name: "storyId[]", Repeatable: true, About: "another spelling of `storyId`"},
	}
	ofPoints = slices.Concat(dialect.Parameters{
		{Name: "dimension", Values: dimensions, About: "how long the period of a point is; `day` without it"},
		{Name: "group", Values: []string{groupStory, groupSource}, About: "points for each story or each source"},
	}, bySource, byStory)
	ofBusiest = slices.Concat(dialect.Parameters{
		{Name: "offset", Kind: dialect.Number, Least: -720, Most: 720, About: "minutes by which local time is ahead of UTC; 0 without it"},
	}, bySource, byStory)
	ofInteractions = byStory
)

// parameters are all that a report has.
func (d *definition) parameters() dialect.Parameters {
	return slices.Concat(ofRange, d.takes, dialect.Parameters{dialect.Naming}, dialect.Formatting)
}

// find returns the report at a path. Another path is refused with the ones there are.
func find(path string) (*definition, *dialect.Refusal) {
	known := Paths()
	if i := slices.Index(known, path); i >= 0 {
		return &definitions[i], nil
	}
	meant := nearest.Name(strings.TrimRight(path, "/"), known)
	if meant != "" {
		meant = fmt.Sprintf("; '%s' was probably meant", meant)
	}
	r := dialect.Refuse(http.StatusNotFound, "no_such_report", "There is no report at '%s'%s. Reports: %s.", dialect.Clip(path), meant, strings.Join(known, ", "))
	r.Known = known
	return nil, r
}

// Nothing is what is answered at a path that is no report's.
func Nothing(path string) (dialect.Shape, *dialect.Refusal) {
	_, refused := find(path)
	return shape, refused
}

// Paths lists the path of every report.
func Paths() []string {
	out := make([]string, len(definitions))
	for i := range definitions {
		out[i] = Prefix + definitions[i].name
	}
	return out
}

// Parameters are those that a report takes, by its path, for documentation and tests.
func Parameters(path string) dialect.Parameters {
	d, refused := find(path)
	if refused != nil {
		panic(fmt.Sprintf("chatbot: %v", refused))
	}
	return d.parameters()
}
