package comm100

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/journal"
	"chatreports/shared/naming"
	"chatreports/shared/table"
)

// plainID is the property of ids whose kind the report says.
const plainID = "id"

// kindOfMetrics is that of a tenant's own metrics, which its file names.
const kindOfMetrics = "metric"

// kindsNamed are those of the ids in the rows.
func (r *request) kindsNamed() []string {
	var kinds []string
	for _, column := range r.table() {
		property := lastPart(column)
		if kind := naming.Kinds[property]; kind != "" {
			kinds = append(kinds, kind)
		} else if property == plainID {
			kinds = append(kinds, r.def.ids...)
		}
	}
	return kinds
}

func lastPart(column string) string { return column[strings.LastIndex(column, ".")+1:] }

// named puts beside each id in the rows the name of what it is of.
func (r *request) named(ctx context.Context, records table.Table, rows iter.Seq[dialect.Row]) (iter.Seq[dialect.Row], error) {
	listing, err := r.Listing()
	if err != nil {
		return nil, err
	}
	names := naming.New(ctx, r.tenant.ID, journal.New(records), listing)
	var out []dialect.Row
	for row := range rows {
		out = append(out, r.withNames(row, names))
	}
	return slices.Values(out), names.Err()
}

func (r *request) withNames(row dialect.Row, names *naming.Directory) dialect.Row {
	out := make(dialect.Row, 0, len(row)+1)
	for _, p := range row {
		switch v := p.Value.(type) {
		case dialect.Row:
			p.Value = r.withNames(v, names)
		case []dialect.Row:
			list := make([]dialect.Row, len(v))
			for i := range v {
				list[i] = r.withNames(v[i], names)
			}
			p.Value = list
		}
		out = append(out, p)
		if kind := r.kindOf(row, p.Name); kind != "" {
			out.Add(naming.Property(p.Name), r.name(names, kind, text(p.Value)))
		}
	}
	return out
}

// kindOf is what the ids under a property of a row are of, empty if there are none.
func (r *request) kindOf(row dialect.Row, property string) string {
	switch {
	case property != plainID:
		return naming.Kinds[property]
	case len(r.def.ids) > 1: // a queue, which says what it is of
		return queueTypes[row.Get("type").(int)]
	case len(r.def.ids) == 1:
		return r.def.ids[0]
	}
	return ""
}

func (r *request) name(names *naming.Directory, kind, id string) string {
	if kind != kindOfMetrics {
		return names.Name(kind, id)
	}
	i := slices.IndexFunc(r.tenant.CustomMetrics, func(m customMetric) bool { return m.ID == id })
	return r.tenant.CustomMetrics[i].Name
}

// text is an id as events have it.
func text(id any) string {
	switch id := id.(type) {
	case int64:
		return strconv.FormatInt(id, 10)
	case string:
		return id
	}
	return ofNone
}

// columnsNamed puts beside the columns of ids those of their names.
func (r *request) columnsNamed(columns []string) []string {
	var out []string
	for _, column := range columns {
		out = append(out, column)
		property := lastPart(column)
		if naming.Kinds[property] != "" || property == plainID && r.def.ids != nil {
			out = append(out, strings.TrimSuffix(column, property)+naming.Property(property))
		}
	}
	return out
}
