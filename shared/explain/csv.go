package explain

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/naming"
)

// Columns of a page as CSV, in three parts: between them stand those of the keys. Those of
// names are there where names are asked for.
var (
	rowColumns   = []string{"kind", "id", "time", "until", "open", "measure", "count", "seconds", "value", "agentId"}
	namedColumns = []string{"kind", "id", "name", "time", "until", "open", "measure", "count", "seconds", "value", "agentId", "agentName"}
	chatColumns  = []string{
		"chat.href", "chat.visitorId", "chat.visitorName", "chat.outcome", "chat.agents.id", "chat.agents.name", "chat.departments.id", "chat.departments.name",
	}
)

// table is the rows of a page as a table: a line each, whatever lists are in it, so that the
// lines add up as the rows do. keys are the columns of what keys stand for.
func (p *Page) table(keys []string, names bool) *dialect.Table {
	columns := rowColumns
	if names {
		columns = namedColumns
	}
	columns = slices.Concat(columns, keys)
	if names {
		columns = append(columns, chatColumns...)
	}
	return &dialect.Table{Columns: columns, Rows: func(yield func(dialect.Row) bool) {
		for i := range p.Rows {
			cells := flat(&p.Rows[i])
			row := make(dialect.Row, len(columns))
			for c, name := range columns {
				row[c] = dialect.Property{Name: name, Value: cells[name]}
			}
			if !yield(row) {
				return
			}
		}
	}}
}

// keyColumns are those of what the keys of the figure stand for, on whatever page: so that
// its pages can be put one behind another.
func (f *Figure) keyColumns(names bool) (columns []string) {
	of := map[string]bool{}
	for _, b := range f.Buckets {
		for _, t := range f.Totals(b) {
			for key := range t.Keys {
				told, _ := f.Key(key)
				for name := range flat(map[string]any{"key": told}) {
					of[name] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		columns = append(columns, name)
		within, member := name[:strings.LastIndexByte(name, '.')+1], name[strings.LastIndexByte(name, '.')+1:]
		if names && naming.Kinds[member] != "" {
			columns = append(columns, within+naming.Property(member))
		}
	}
	return columns
}

// flat is what a value is as JSON, by names with a dot where one stands within another; what
// a list has several of stands with commas between.
func flat(value any) map[string]string {
	cells := map[string]string{}
	var read func(name string, value any)
	read = func(name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for member, value := range v {
				read(strings.TrimPrefix(name+"."+member, "."), value)
			}
		case []any:
			for i, value := range v {
				one := flat(map[string]any{name: value})
				for name, text := range one {
					if i > 0 {
						text = cells[name] + "," + text
					}
					cells[name] = text
				}
			}
		case string:
			cells[name] = v
		case json.Number:
			cells[name] = v.String()
		case bool:
			cells[name] = "true"
		}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic("explain: " + err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var told any
	if err := d.Decode(&told); err != nil {
		panic("explain: " + err.Error())
	}
	read("", told)
	return cells
}
