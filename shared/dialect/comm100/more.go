package comm100

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/report"
)

// This file is what goes beyond the original: percentiles, and a comparison with
// the range before. Both are off unless asked for.

// timed says whether the report has averages of times.
func (d *definition) timed() bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.time })
}

// withPercentiles adds, for every average time, the percentiles asked for.
func (r *request) withPercentiles(columns []column) []column {
	if len(r.percentiles) == 0 {
		return columns
	}
	columns = slices.Clone(columns)
	for _, c := range columns {
		if c.time {
			columns = append(columns, r.percentilesOf(c))
		}
	}
	return columns
}

// percentilesOf turns avgWaitTime into waitTimePercentiles: {"p50": …}, in whole
// seconds by nearest rank; 0 without samples.
func (r *request) percentilesOf(average column) column {
	name := strings.TrimPrefix(average.name, "avg")
	names := make([]string, len(r.percentiles))
	for i, p := range r.percentiles {
		names[i] = "p" + strconv.FormatFloat(p, 'f', -1, 64)
	}
	return column{
		name: strings.ToLower(name[:1]) + name[1:] + "Percentiles", pooled: true, parts: names,
		want:  []report.Want{{Measure: average.want[0].Measure, Distribution: true}},
		value: func(t []*report.Total) float64 { return float64(t[0].N) },
		build: func(t []*report.Total) any {
			var out dialect.Row
			for i, p := range r.percentiles {
				if t[0].N == 0 {
					out.Add(names[i], dialect.Nothing(0))
				} else {
					out.Add(names[i], t[0].Percentile(p))
				}
			}
			return out
		},
	}
}

// addPrevious gives every row the same figures of the range just before, under
// "previous": by entity, by slot, or the period at the same place. null where the
// range before has none.
func (r *request) addPrevious(answer func(*request) (iter.Seq[dialect.Row], error), rows iter.Seq[dialect.Row]) (iter.Seq[dialect.Row], error) {
	begin, byClock := r.previous()
	before := *r
	before.from, before.to = begin, r.from
	if !before.from.Before(before.to) {
		return rows, nil
	}
	other, err := answer(&before)
	if err != nil {
		return nil, err
	}
	property := entities[r.group].property
	var hours, hoursBefore []hour
	if r.group == groupHour && byClock {
		hours, hoursBefore = r.hours(), before.hours()
	}
	place := func(n int, row dialect.Row, hours []hour) any {
		switch {
		case property != "":
			return row.Get(property)
		case hours != nil:
			return hours[n]
		}
		return n
	}
	previous, n := map[any]dialect.Row{}, 0
	for row := range other {
		previous[place(n, row, hoursBefore)] = row.Without(property)
		n++
	}
	return func(yield func(dialect.Row) bool) {
		n := 0
		for row := range rows {
			var match any
			if of, ok := previous[place(n, row, hours)]; ok {
				match = of
			}
			row.Add("previous", match)
			n++
			if !yield(row) {
				return
			}
		}
	}, nil
}

// hour is where an hour lies in its range: on which of its days, what the clock shows
// when it begins, and whether that is for the second time.
type hour struct {
	day   int
	clock string
	again bool
}

// hours are those of the range.
func (r *request) hours() []hour {
	date := func(ms int64) time.Time {
		y, m, d := r.zone.Wall(ms).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	first := date(r.from.UnixMilli())
	var out []hour
	for _, b := range r.buckets() {
		h := hour{day: int(date(b.From).Sub(first).Hours() / 24), clock: r.zone.Wall(b.From).Format(time.TimeOnly)}
		h.again = slices.Contains(out[max(0, len(out)-2):], h)
		out = append(out, h)
	}
	return out
}

// previous is where the range before begins: as many months earlier if both ends
// are at the same place in their months, else as many days if both are at the same
// time of day, else as long. byClock: by months or days.
func (r *request) previous() (begin time.Time, byClock bool) {
	from, to := r.zone.Wall(r.from.UnixMilli()), r.zone.Wall(r.to.UnixMilli())
	fy, fm, fd := from.Date()
	ty, tm, td := to.Date()
	hour, minute, second := from.Clock()
	sameClock := hour == to.Hour() && minute == to.Minute() && second == to.Second()
	months := (ty-fy)*12 + int(tm-fm)
	switch {
	case sameClock && fd == td && months > 0:
		return r.zone.Instant(fy, fm-time.Month(months), fd, hour, minute, second), true
	case sameClock:
		days := int(time.Date(ty, tm, td, 0, 0, 0, 0, time.UTC).Sub(time.Date(fy, fm, fd, 0, 0, 0, 0, time.UTC)).Hours() / 24)
		return r.zone.Instant(fy, fm, fd-days, hour, minute, second), true
	}
	return r.from.Add(-r.to.Sub(r.from)), false
}
