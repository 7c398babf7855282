package comm100

import (
	"iter"
	"strconv"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// ordinary is the answer that most reports have: their columns, by time, by slot or by
// entity.
func ordinary(r *request) (iter.Seq[dialect.Row], error) { return r.inColumns(r.shown()) }

// inColumns is that answer in other columns.
func (r *request) inColumns(columns []column) (iter.Seq[dialect.Row], error) {
	s, err := r.sheet(r.extended(columns))
	if err != nil {
		return nil, err
	}
	return s.rows()
}

// sheet is a result under columns.
type sheet struct {
	*request
	columns []column
	at      []int // first want of a column
	buckets []report.Bucket
	result  *report.Result
}

func (r *request) sheet(columns []column) (*sheet, error) {
	s := &sheet{request: r, columns: columns, buckets: r.buckets()}
	var want []report.Want
	for _, c := range columns {
		s.at = append(s.at, len(want))
		want = append(want, c.want...)
	}
	by, where := entities[r.of()].dim, r.where()
	var rows, rest []*report.Query
	if !r.alone {
		rows = r.queries(s.buckets, by, where, want)
	}
	if r.none {
		rest = r.queries(s.buckets, measure.None, append(where, measure.Value{Dim: by, ID: ofNone}), want)
	}
	results, err := r.runAll(append(rows, rest...)...)
	if err != nil {
		return nil, err
	}
	s.result = r.joined(results[:len(rows)], want)
	if r.none {
		s.result.Totals[ofNone] = r.joined(results[len(rows):], want).Totals[""]
	}
	return s, nil
}

// place is a period, or a slot with its occurrences.
type place struct {
	buckets []int
	slot    bool
	// of is what its rows say of it; nil: the range as a whole is not told.
	of dialect.Row
}

// rows are, for each period or slot, one of everything, or one of each entity.
func (s *sheet) rows() (iter.Seq[dialect.Row], error) {
	places, ids := s.places(), []string{""}
	e := entities[s.of()]
	if e.dim != measure.None {
		if ids = s.sorted(s.ids()); s.none {
			ids = append(ids, ofNone)
		}
		if s.by != "" && len(places)*len(ids) > maxBuckets {
			return nil, dialect.Invalid("by", "%q would give %d rows, and at most %d are told; take a shorter range, longer periods or a filter", s.by, len(places)*len(ids), maxBuckets)
		}
	}
	return func(yield func(dialect.Row) bool) {
		for _, p := range places {
			for _, id := range ids {
				var of dialect.Row
				if p.of != nil {
					of.Add(timeProperty, p.of)
				}
				if e.dim != measure.None {
					of.Add(e.property, e.id(id))
				}
				if !yield(s.row(func(i int) any { return s.value(p, id, i) }, of)) {
					return
				}
			}
		}
	}, nil
}

// value is a column's of an entity in a place.
func (s *sheet) value(p place, id string, column int) any {
	if s.none && id == ofNone && !s.tellsNone(&s.columns[column]) {
		return nil
	}
	if p.slot {
		return s.over(id, p.buckets, column)
	}
	return s.columns[column].property(s.totals(id, p.buckets[0], column))
}

// places are the periods of the range, the slots of a distribution, or the range as a whole.
func (s *sheet) places() []place {
	switch {
	case s.inDistribution():
		return s.slots()
	case entities[s.group].dim != measure.None:
		return []place{{buckets: []int{0}}}
	}
	out := make([]place, len(s.buckets))
	for b, bucket := range s.buckets {
		out[b] = place{buckets: []int{b}, of: s.period(bucket)}
	}
	return out
}

const timeProperty = "time"

// row has the figures first, then what they are of, then what is no figure.
func (s *sheet) row(value func(column int) any, of dialect.Row) dialect.Row {
	out := make(dialect.Row, 0, len(s.columns)+len(of))
	for i := range s.columns {
		if c := &s.columns[i]; c.build == nil {
			out.Add(s.label(c), value(i))
		}
	}
	out = append(out, of...)
	for i := range s.columns {
		if c := &s.columns[i]; c.build != nil {
			out.Add(s.label(c), value(i))
		}
	}
	return out
}

func (r *request) inDistribution() bool { return r.group == groupWeekHour || r.group == groupHalfHour }

// label is a column's name in the answer.
func (r *request) label(c *column) string {
	if r.inDistribution() && c.inDistribution != "" {
		return c.inDistribution
	}
	return c.name
}

// totals are those that a column is computed from.
func (s *sheet) totals(entity string, bucket, column int) []*report.Total {
	out := make([]*report.Total, len(s.columns[column].want))
	for j := range out {
		out[j] = s.result.At(entity, bucket, s.at[column]+j)
	}
	return out
}

// property is what a column says of totals.
func (c *column) property(totals []*report.Total) any {
	if c.build != nil {
		return c.build(totals)
	}
	switch {
	case c.by == nil || c.by(totals) != 0:
		return c.value(totals)
	case c.null:
		return nil
	}
	return dialect.Nothing(c.value(totals))
}

// period is a bucket as the wall clock of its two ends.
func (r *request) period(b report.Bucket) dialect.Row {
	return fromTo(r.zone.Wall(b.From).Format(calendar.WallLayout), r.zone.Wall(b.To).Format(calendar.WallLayout))
}

func fromTo(from, to string) dialect.Row {
	return dialect.Row{{Name: "from", Value: from}, {Name: "to", Value: to}}
}

// ids are those of the entities to be listed, in order: the known ones, and others with a
// figure in any period.
func (s *sheet) ids() []string {
	group := s.of()
	ids := map[string]bool{}
	for id := range s.Entries(entities[group].kind) {
		ids[id] = s.keeps(id)
	}
	for id, totals := range s.result.Totals {
		if id == ofNone {
			continue
		}
		for b := range totals {
			for i := 0; i < len(s.columns) && !ids[id]; i++ {
				ids[id] = s.columns[i].value(s.totals(id, b, i)) != 0
			}
		}
	}
	if only := s.filters[group]; only != "" {
		ids = map[string]bool{only: ids[only]}
	}
	return sortIDs(ids)
}

// slots are the 168 or 48 of a distribution.
func (s *sheet) slots() []place {
	n, name := 168, weekSlot
	if s.group == groupHalfHour {
		n, name = 48, daySlot
	}
	out := make([]place, n)
	for slot := range out {
		out[slot] = place{slot: true, of: fromTo(name(slot), name((slot+1)%n))}
	}
	for b := range s.buckets {
		wall := s.zone.Wall(s.buckets[b].From)
		slot := int(wall.Weekday())*24 + wall.Hour()
		if n == 48 {
			slot = wall.Hour()*2 + wall.Minute()/30
		}
		out[slot].buckets = append(out[slot].buckets, b)
	}
	return out
}

// over is a column's value of an entity over all occurrences of a slot: their mean, unless
// the column says otherwise.
func (s *sheet) over(id string, times []int, column int) any {
	c := &s.columns[column]
	if c.pooled {
		totals := make([]*report.Total, len(c.want))
		for j := range totals {
			totals[j] = &report.Total{}
			for _, b := range times {
				totals[j].Add(s.result.At(id, b, s.at[column]+j))
			}
		}
		return c.property(totals)
	}
	sum := 0.0
	for _, b := range times {
		sum += c.value(s.totals(id, b, column))
	}
	if c.whole {
		return sum
	}
	return quotient(sum, float64(len(times)))
}

func weekSlot(n int) string {
	return time.Weekday(n / 24).String()[:3] + ". " + clock(n%24, 0)
}

func daySlot(n int) string { return clock(n/2, n%2*30) }

func clock(hour, minute int) string {
	return strconv.Itoa(100 + hour)[1:] + ":" + strconv.Itoa(100 + minute)[1:]
}
