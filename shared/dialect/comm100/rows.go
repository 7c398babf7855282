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
	s, err := r.sheet(r.withPercentiles(columns))
	if err != nil {
		return nil, err
	}
	return s.rows(), nil
}

// sheet is a result under columns.
type sheet struct {
	*request
	columns []column
	at      []int // first want of a column
	buckets []report.Bucket
	result  *report.Result
}

func (r *request) sheet(columns []column) (*sheet, error) { return r.sheetBy(columns, r.run) }

// sheetBy is a sheet whose result another than the ordinary query gives.
func (r *request) sheetBy(columns []column, run func([]report.Bucket, measure.Dim, []measure.Value, []report.Want) (*report.Result, error)) (*sheet, error) {
	s := &sheet{request: r, columns: columns, buckets: r.buckets()}
	var want []report.Want
	for _, c := range columns {
		s.at = append(s.at, len(want))
		want = append(want, c.want...)
	}
	var err error
	s.result, err = run(s.buckets, entities[r.group].dim, r.where(), want)
	return s, err
}

func (s *sheet) rows() iter.Seq[dialect.Row] {
	switch {
	case entities[s.group].dim != measure.None:
		return s.byEntity()
	case s.inDistribution():
		return s.bySlot()
	}
	return func(yield func(dialect.Row) bool) {
		for b, bucket := range s.buckets {
			value := func(i int) any { return s.columns[i].property(s.totals("", b, i)) }
			if !yield(s.row(value, dialect.Property{Name: timeProperty, Value: s.period(bucket)})) {
				return
			}
		}
	}
}

const timeProperty = "time"

// row has the figures first, then what they are of, then what is no figure.
func (s *sheet) row(value func(column int) any, of dialect.Property) dialect.Row {
	out := make(dialect.Row, 0, len(s.columns)+1)
	for i := range s.columns {
		if c := &s.columns[i]; c.build == nil {
			out.Add(s.label(c), value(i))
		}
	}
	out = append(out, of)
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
	if c.by != nil && c.by(totals) == 0 {
		return dialect.Nothing(c.value(totals))
	}
	return c.value(totals)
}

// period is a bucket as the wall clock of its two ends.
func (r *request) period(b report.Bucket) dialect.Row {
	return fromTo(r.zone.Wall(b.From).Format(calendar.WallLayout), r.zone.Wall(b.To).Format(calendar.WallLayout))
}

func fromTo(from, to string) dialect.Row {
	return dialect.Row{{Name: "from", Value: from}, {Name: "to", Value: to}}
}

// byEntity gives the entities to be listed, by id.
func (s *sheet) byEntity() iter.Seq[dialect.Row] {
	e := entities[s.group]
	ids := map[string]bool{}
	for id := range s.Entries(e.kind) {
		ids[id] = s.keeps(id)
	}
	for id := range s.result.Totals {
		for i := 0; i < len(s.columns) && !ids[id]; i++ {
			ids[id] = s.columns[i].value(s.totals(id, 0, i)) != 0
		}
	}
	return func(yield func(dialect.Row) bool) {
		for _, id := range sortIDs(ids) {
			if s.filters[s.group] != "" && id != s.filters[s.group] {
				continue
			}
			value := func(i int) any { return s.columns[i].property(s.totals(id, 0, i)) }
			if !yield(s.row(value, dialect.Property{Name: e.property, Value: e.id(id)})) {
				return
			}
		}
	}
}

// bySlot gives the 168 or 48 slots of a distribution: the mean of a slot's
// occurrences in the range.
func (s *sheet) bySlot() iter.Seq[dialect.Row] {
	slots, name := 168, weekSlot
	if s.group == groupHalfHour {
		slots, name = 48, daySlot
	}
	occurrences := make([][]int, slots)
	for b := range s.buckets {
		wall := s.zone.Wall(s.buckets[b].From)
		slot := int(wall.Weekday())*24 + wall.Hour()
		if slots == 48 {
			slot = wall.Hour()*2 + wall.Minute()/30
		}
		occurrences[slot] = append(occurrences[slot], b)
	}
	return func(yield func(dialect.Row) bool) {
		for slot, times := range occurrences {
			value := func(i int) any { return s.over(times, i) }
			if !yield(s.row(value, dialect.Property{Name: timeProperty, Value: fromTo(name(slot), name((slot+1)%slots))})) {
				return
			}
		}
	}
}

// over is a column's value over all occurrences of a slot.
func (s *sheet) over(times []int, column int) any {
	c := &s.columns[column]
	if c.pooled {
		totals := make([]*report.Total, len(c.want))
		for j := range totals {
			totals[j] = &report.Total{}
			for _, b := range times {
				totals[j].Add(s.result.At("", b, s.at[column]+j))
			}
		}
		return c.property(totals)
	}
	sum := 0.0
	for _, b := range times {
		sum += c.value(s.totals("", b, column))
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
