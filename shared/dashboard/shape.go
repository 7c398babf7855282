package dashboard

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// distinguish puts the ids of entities beside names that several have.
func (s *shown) distinguish() {
	called := map[string]int{}
	for _, r := range s.Rows {
		called[r.Name]++
	}
	for i := range s.Rows {
		if r := &s.Rows[i]; called[r.Name] > 1 {
			r.Name = both(r.Name, r.Key)
		}
	}
}

// most is how many entities have a column of their own.
const most = 5

// spread makes a line for each period, with a column for each of the entities that have most
// of the panel's one figure.
func (s *shown) spread(a *asker, p *panel, rows []row, names map[string]string) {
	part := &p.parts[0]
	name, property := part.columns[0], groups[p.by].property
	sums := map[string]float64{}
	for _, r := range rows {
		value, _ := number(r, name)
		sums[r[property]] += value
	}
	ids := slices.SortedFunc(maps.Keys(sums), func(x, y string) int { return cmp.Or(cmp.Compare(sums[y], sums[x]), strings.Compare(x, y)) })
	ids = ids[:min(most, len(ids))]
	for _, id := range ids {
		c := a.column(part, name)
		c.Entity, c.Label = id, cmp.Or(names[id], id)
		s.Columns = append(s.Columns, c)
	}
	if left := len(sums) - len(ids); left > 0 {
		others := fmt.Sprintf("%d others are", left)
		if left == 1 {
			others = "one other is"
		}
		s.note(fmt.Sprintf("These are the %d that have most; %s in the CSV.", most, others))
	}
	for _, r := range rows {
		key, from := keyOf(r, p.group)
		if n := len(s.Rows); n == 0 || s.Rows[n-1].Key != key {
			s.Rows = append(s.Rows, line{Key: key, Name: wall(from), Cells: slices.Repeat([]cell{{Key: key, Missing: true, Text: "–"}}, len(ids))})
		}
		if at := slices.Index(ids, r[property]); at >= 0 {
			s.Rows[len(s.Rows)-1].Cells[at] = a.cell(p, part, r, spot{key, ids[at]}, name)
		}
	}
}

// week makes seven lines of 24 hours of the slots of a week, from Monday on.
func (s *shown) week() {
	for hour := range 24 {
		s.Hours = append(s.Hours, hour)
	}
	for day := range 7 {
		slots := s.Rows[(day+1)%7*24:][:24]
		l := line{Name: strings.TrimSuffix(slots[0].Name[:4], ".")}
		for _, slot := range slots {
			l.Cells = append(l.Cells, slot.Cells[0])
		}
		s.Days = append(s.Days, l)
	}
}

// level says how much of the largest each figure of a heat map is.
func (s *shown) level() {
	most := 0.0
	for _, r := range s.Rows {
		most = max(most, r.Cells[0].Value)
	}
	for i := range s.Rows {
		if most > 0 {
			s.Rows[i].Cells[0].Level = int(s.Rows[i].Cells[0].Value / most * 9)
		}
	}
}
