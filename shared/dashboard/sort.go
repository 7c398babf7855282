package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"chatreports/shared/dialect"
)

// byName sorts a table by what its rows are called.
const byName = "name"

// Values of aria-sort.
const (
	ascending  = "ascending"
	descending = "descending"
)

// sortable lists the columns by which tables of a page can be sorted.
func (p *page) sortable() (names []string) {
	for i := range p.panels {
		if p.panels[i].shape == entities {
			names = append(names, byName)
			for _, part := range p.panels[i].parts {
				names = append(names, part.columns...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sorting refuses an order that no table of the page has.
func (v *view) sorting(p *page) *dialect.Refusal {
	names := p.sortable()
	if v.Sort == "" || slices.Contains(names, strings.TrimPrefix(v.Sort, "-")) {
		return nil
	}
	if names == nil {
		return dialect.Invalid("sort", "nothing on this page can be sorted")
	}
	return dialect.NoneOf("sort", v.Sort, names)
}

// sort puts rows of entities into the order that is asked for, or begins with those that have
// most of the first figure. Those without one come last, after them what is of none.
func (s *shown) sort(v *view) {
	name, falling := strings.CutPrefix(v.Sort, "-")
	column := slices.IndexFunc(s.Columns, func(c column) bool { return c.Name == name })
	if column < 0 && name != byName {
		column, falling = 0, true
	}
	turn := func(order int) int {
		if falling {
			return -order
		}
		return order
	}
	missing := func(r *line) bool { return column >= 0 && r.Cells[column].Missing }
	slices.SortStableFunc(s.Rows, func(x, y line) int {
		switch {
		case (x.Key == ofNone) != (y.Key == ofNone):
			return strings.Compare(y.Key, x.Key)
		case missing(&x) != missing(&y):
			return map[bool]int{true: 1, false: -1}[missing(&x)]
		case column < 0:
			return turn(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)))
		}
		return turn(cmp.Compare(x.Cells[column].Value, y.Cells[column].Value))
	})
	s.heads(v, column, falling)
}

// heads leads from the head of each column to the table sorted by it: figures by the largest first,
// names from A on, and what is sorted by already the other way round.
func (s *shown) heads(v *view, column int, falling bool) {
	order := func(at int) string {
		switch {
		case at != column:
			return ""
		case falling:
			return descending
		}
		return ascending
	}
	to := func(at int, name string) string {
		if at == column && !falling || at != column && at >= 0 {
			name = "-" + name
		}
		return "?" + v.address("sort", name) + "#" + s.Name
	}
	s.Sorted, s.SortBy = order(-1), to(-1, byName)
	for i := range s.Columns {
		s.Columns[i].Sorted, s.Columns[i].SortBy = order(i), to(i, s.Columns[i].Name)
	}
}
