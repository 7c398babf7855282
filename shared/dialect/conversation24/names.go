package conversation24

import (
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
)

// nameOf is the column that tells the names of the ids in another: agent_name of agent_id,
// name of id.
func nameOf(ids string) string { return strings.TrimSuffix(ids, "id") + "name" }

// named puts behind each column of ids one of their names, where the export has none of its
// own.
func named(sheet *dialect.Sheet, s *extract.Source) *dialect.Sheet {
	type origin struct {
		cell int    // of the row without names
		kind string // of the id there whose name is meant; empty: the cell itself is
	}
	var columns []dialect.Column
	var from []origin
	for i, c := range sheet.Columns {
		columns, from = append(columns, c), append(from, origin{cell: i})
		name := nameOf(c.Name)
		if c.Of == "" || slices.ContainsFunc(sheet.Columns, func(c dialect.Column) bool { return c.Name == name }) {
			continue
		}
		columns, from = append(columns, dialect.Column{Name: name}), append(from, origin{i, c.Of})
	}
	return &dialect.Sheet{Columns: columns, Rows: func(yield func([]string, error) bool) {
		cells := make([]string, len(from))
		for row, err := range sheet.Rows {
			if err == nil {
				for i, o := range from {
					if cells[i] = row[o.cell]; o.kind != "" {
						cells[i] = s.Names().Name(o.kind, cells[i])
					}
				}
				err = s.Err()
			}
			if !yield(cells, err) {
				return
			}
		}
	}}
}
