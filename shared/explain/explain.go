// Package explain says how figures came about: which measures there are and where
// they are shown, and which facts were counted in one figure of a report. In: a
// request, and the table of reports of a dialect. Out: the catalogue, or a page of
// rows. What a report's parameters mean is the dialect's business.
package explain

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/nearest"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Paths of the two questions.
const (
	MeasuresPath = "/v1/measures"
	RowsPath     = "/v1/rows"
)

// Reports is a dialect's table of reports.
type Reports interface {
	// Shown lists the properties that are computed from a measure.
	Shown(id measure.ID) []Property
	// Names lists the reports whose figures are made of rows.
	Names() []string
	// Find is one of them by any of its names, or nil.
	Find(name string) Report
	// Instead says, of a report of that name whose answer holds no figures that are made of
	// rows, what to ask for instead; of any other it is empty.
	Instead(name string) string
}

// Tables are the tables of several dialects. A name that more than one has is the first's.
type Tables []Reports

// Shown lists the properties of all.
func (t Tables) Shown(id measure.ID) []Property {
	out := []Property{}
	for _, reports := range t {
		out = append(out, reports.Shown(id)...)
	}
	return out
}

// Names lists the reports of all.
func (t Tables) Names() (names []string) {
	for _, reports := range t {
		names = append(names, reports.Names()...)
	}
	return names
}

// Find is a report of any.
func (t Tables) Find(name string) Report {
	for _, reports := range t {
		if r := reports.Find(name); r != nil {
			return r
		}
	}
	return nil
}

// Instead is that of any.
func (t Tables) Instead(name string) string {
	for _, reports := range t {
		if instead := reports.Instead(name); instead != "" {
			return instead
		}
	}
	return ""
}

// Report is one report, as far as its figures are asked for.
type Report interface {
	// Parameters are the report's own that say which figure is meant.
	Parameters() dialect.Parameters
	// Figure reads the figure that the parameters name.
	Figure(ctx context.Context, state table.Table, r *dialect.Request, v *dialect.Values) (*Figure, error)
}

// Figure is one number of a report, with what it was computed from.
type Figure struct {
	// Report and Property are its names, Unit that of its value.
	Report, Property, Unit string
	// Value is the figure as the report says it, of the totals as they are by then.
	Value func() any
	// Wants are the measures it is computed from, Totals theirs in a bucket, in the
	// same order. Buckets are those it is made of; there may be one, with nothing in it.
	Wants   []report.Want
	Totals  func(bucket int) []*report.Total
	Buckets []int
	// Occurrences: it is the mean over the buckets.
	Occurrences bool
	// Empty: nothing was counted in its row at all.
	Empty bool
	// Entity is the id of its row, where rows are entities.
	Entity string
	// Key says what a key of the measures stands for, as JSON; ok is false where it
	// does not count in the figure.
	Key func(key string) (named any, ok bool)
	// Mistyped says of values in the question that they are probably mistyped, where the figure is
	// made of nothing; nil: it has none that may be.
	Mistyped func(ctx context.Context, records table.Table) ([]string, error)
	// Queries are those that were asked of Snapshot.
	Queries  []*report.Query
	Snapshot *report.Snapshot
}

// API answers both questions.
type API struct {
	journal, state table.Table
	reports        Reports
}

// New returns the API over both tables, for the figures of some reports. The journal is read
// only where names are asked for.
func New(journal, state table.Table, reports Reports) *API { return &API{journal, state, reports} }

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return dialect.Ours }

// Answer answers one request.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	switch r.Path {
	case MeasuresPath:
		return a.measures(r)
	case RowsPath:
		return a.rows(ctx, r)
	}
	return nil, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", r.Path)
}

// ofMeasures are the catalogue's parameters.
var ofMeasures = dialect.Parameters{{Name: "measure", About: "the name of one measure"}}

// measures answers the catalogue, or one measure of it.
func (a *API) measures(r *dialect.Request) (*dialect.Answer, error) {
	v, refused := ofMeasures.Read(r.Query)
	if refused != nil {
		return nil, refused
	}
	all := Measures(a.reports)
	if wanted := v.Text("measure"); wanted != "" {
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].Name
		}
		i := slices.Index(names, wanted)
		if i < 0 {
			return nil, dialect.NoneOf("measure", wanted, names)
		}
		all = all[i : i+1]
	}
	return dialect.JSON(map[string]any{"measures": all}), nil
}

// How many rows are in a page.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// ofRows are the parameters that name a figure and a page; the report has others.
var ofRows = slices.Concat(dialect.Parameters{
	{Name: "report", Required: true, About: "the report's path"},
	{Name: "measure", About: "the property whose figure it is, or a measure that it is computed from"},
	{Name: "bucket", About: "where the row of a report by time begins, or the slot of a distribution"},
	{Name: "entity", About: "the id of the row"},
	{Name: "limit", Kind: dialect.Number, Least: 1, Most: maxLimit, About: "rows in one answer"},
	{Name: "cursor", About: "the 'next' of the answer before"},
	dialect.Naming,
}, dialect.Formatting)

// rows answers what one figure of a report is made of.
func (a *API) rows(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	name := r.Query.Get("report")
	if name == "" {
		return nil, dialect.Missing("report", a.reports.Names()...)
	}
	of := a.reports.Find(name)
	if of == nil {
		if instead := a.reports.Instead(name); instead != "" {
			return nil, dialect.Invalid("report", "%q has no figures that are made of rows: %s", name, instead)
		}
		names := a.reports.Names()
		refused := dialect.Invalid("report", "%s%q is none of those whose figures are made of rows: %s", nearest.Hint(name, names), dialect.Clip(name), strings.Join(names, ", "))
		refused.Known = names
		return nil, refused
	}
	v, refused := slices.Concat(ofRows, of.Parameters()).Read(r.Query)
	if refused != nil {
		return nil, refused
	}
	after := cursor{question: fingerprint(r.Query)}
	if text := v.Text("cursor"); text != "" {
		c, ok := readCursor(text)
		if !ok || c.question != after.question {
			return nil, dialect.Invalid("cursor", "it is not the 'next' of an answer to the same question")
		}
		after = c
	}
	f, err := of.Figure(ctx, a.state, r, v)
	if err != nil {
		return nil, err
	}
	f.narrow()
	page, err := f.page(after, v.Number("limit", defaultLimit))
	if err != nil {
		return nil, err
	}
	names := v.Flag(dialect.Naming.Name)
	if names {
		if err := a.name(ctx, r, page); err != nil {
			return nil, err
		}
	}
	answer := dialect.JSON(page)
	if format := v.Format(r.Accept); format.CSV() {
		answer = format.Answer(page.table(f.keyColumns(names), names))
	}
	if page.Next != nil {
		q := maps.Clone(r.Query)
		q.Set("cursor", *page.Next)
		answer.Next = RowsPath + "?" + q.Encode()
	}
	if len(page.Rows) == 0 && f.Mistyped != nil {
		if answer.Warnings, err = f.Mistyped(ctx, a.journal); err != nil {
			return nil, err
		}
	}
	answer.CountedUntil = f.Snapshot.CountedUntil()
	return answer, nil
}
