package comm100

import (
	"slices"

	"chatreports/shared/explain"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// shown are the columns of the answer.
func (r *request) shown() []column {
	if c, ok := r.def.byGroup[r.of()]; ok {
		return c
	}
	for name, c := range r.def.byFilter {
		if r.filters[name] != "" {
			return c
		}
	}
	if r.def.realtime() {
		return r.shownToday()
	}
	return r.def.columns
}

// table is the names of the answer's columns, in order.
func (r *request) table() []string {
	if r.def.table != nil {
		return r.def.table
	}
	var figures, parts []string
	for _, c := range r.extended(r.shown()) {
		name := r.label(&c)
		if c.build == nil {
			figures = append(figures, name)
		}
		for _, part := range c.parts {
			parts = append(parts, name+"."+part)
		}
	}
	var of []string
	if entities[r.group].dim == measure.None {
		of = []string{timeProperty + ".from", timeProperty + ".to"}
	}
	property := entities[r.of()].property
	if property != "" {
		of = append(of, property)
	}
	out := slices.Concat(figures, of, parts, r.def.added[r.of()])
	if r.compare != "" {
		for _, name := range slices.Clone(out) {
			if name != property {
				out = append(out, r.compare+"."+name)
			}
		}
	}
	return out
}

// namesOfColumns lists the properties that columns are.
func namesOfColumns(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// uses is how often keys of a measure counted.
func uses(name string, id measure.ID) column {
	return column{name: name, want: wants(id), value: func(t []*report.Total) float64 {
		sum := int64(0)
		for _, n := range t[0].Keys {
			sum += n
		}
		return float64(sum)
	}}
}

// told is a property that has no value to be computed from measures alone.
func told(name string, ids ...measure.ID) []column {
	return []column{{name: name, want: wants(ids...)}}
}

// namedKey is what a key stands for: of is the id of the row it counts in.
type namedKey struct {
	of string

	RequestPage     string `json:"requestPage,omitempty"`
	VisitorID       string `json:"visitorId,omitempty"`
	CampaignID      string `json:"campaignId,omitempty"`
	FieldID         string `json:"fieldId,omitempty"`
	Group           string `json:"group,omitempty"`
	Option          string `json:"option,omitempty"`
	CannedMessageID string `json:"cannedMessageId,omitempty"`
	CategoryID      string `json:"categoryId,omitempty"`
	AgentID         string `json:"agentId,omitempty"`
}

// Explained is the table of reports, for whoever explains their figures.
var Explained explain.Reports = explained{}

type explained struct{}

// Shown lists the properties that are computed from a measure.
func (explained) Shown(id measure.ID) []explain.Property {
	out := []explain.Property{}
	for i := range definitions {
		d := &definitions[i]
		for _, c := range d.everyColumn() {
			p := explain.Property{Report: d.paths[0], Property: c.name}
			if slices.Contains(d.groups, groupWeekHour) {
				p.InDistribution = c.inDistribution
			}
			if slices.ContainsFunc(c.want, func(w report.Want) bool { return w.Measure == id }) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// everyColumn are the columns of all groups and filters.
func (d *definition) everyColumn() []column {
	out := slices.Clone(d.columns)
	for _, group := range d.groups {
		out = append(out, d.byGroup[group]...)
	}
	for _, filter := range d.filters {
		out = append(out, d.byFilter[filter]...)
	}
	return append(out, d.also...)
}
