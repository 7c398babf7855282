package comm100

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// This file is what goes beyond the original: percentiles, the service level, the average
// score, and a comparison with another range. All are off unless asked for.

// timed says whether the report has averages of times.
func (d *definition) timed() bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.time })
}

// extended adds, for every average time, the percentiles asked for, the service level, and the
// average score.
func (r *request) extended(columns []column) []column {
	columns = slices.Clone(columns)
	if len(r.percentiles) > 0 {
		for _, c := range columns {
			if c.time {
				columns = append(columns, r.percentilesOf(c))
			}
		}
	}
	if r.within > 0 {
		columns = append(columns, r.answeredWithin())
	}
	if r.avgScore {
		columns = append(columns, orNull(meanScore("avgScore")))
	}
	return columns
}

// answeredWithin is the share of queued requests that an agent took before so many seconds
// were over: of those whose wait is over, however it ended.
func (r *request) answeredWithin() column {
	return column{
		name: "answeredWithin", pooled: true,
		want: []report.Want{{Measure: measure.QueueWait, Distribution: true}, {Measure: measure.QueueWaitMissed, Distribution: true}},
		value: func(t []*report.Total) float64 {
			return ratio(float64(t[0].Below(r.within)-t[1].Below(r.within)), float64(t[0].N))
		},
		by: func(t []*report.Total) float64 { return float64(t[0].N) },
	}
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
				switch {
				case t[0].N > 0:
					out.Add(names[i], t[0].Percentile(p))
				case average.null:
					out.Add(names[i], nil)
				default:
					out.Add(names[i], dialect.Nothing(0))
				}
			}
			return out
		},
	}
}

// Values of compare, which are also what the other range's figures stand under.
const (
	comparePrevious = "previous"
	compareLastYear = "lastYear"
)

// compared gives every row the same figures of another range: of the same entity, in the same
// slot or the period that corresponds. null where that range has none.
func (r *request) compared(answer func(*request) (iter.Seq[dialect.Row], error), rows iter.Seq[dialect.Row]) (iter.Seq[dialect.Row], error) {
	before := *r
	var at, atBefore func(n int) any
	if r.compare == compareLastYear {
		before.from, before.to = r.yearBefore(r.from), r.yearBefore(r.to)
		at, atBefore = r.dates(0), before.dates(1)
	} else {
		var byClock bool
		before.from, byClock = r.previous()
		before.to = r.from
		at, atBefore = r.moments(byClock), before.moments(byClock)
	}
	property, others := entities[r.of()].property, map[any]dialect.Row{}
	if before.from.Before(before.to) {
		other, err := answer(&before)
		if err != nil {
			return nil, err
		}
		for where, row := range placed(other, property, atBefore) {
			others[where] = row.Without(property)
		}
	}
	return func(yield func(dialect.Row) bool) {
		for where, row := range placed(rows, property, at) {
			var match any
			if of, ok := others[where]; ok {
				match = of
			}
			row.Add(r.compare, match)
			if !yield(row) {
				return
			}
		}
	}, nil
}

// placed yields rows with what each is of: the period, as at says it by its number, and the
// entity under a property, if there is one. Of every period there are the same entities.
func placed(rows iter.Seq[dialect.Row], property string, at func(n int) any) iter.Seq2[any, dialect.Row] {
	type where struct{ at, id any }
	return func(yield func(any, dialect.Row) bool) {
		n, seen := 0, map[any]bool{}
		for row := range rows {
			var id any
			if property != "" {
				id = row.Get(property)
			}
			if seen[id] {
				n++
				clear(seen)
			}
			seen[id] = true
			if !yield(where{at(n), id}, row) {
				return
			}
		}
	}
}

// moments say where the periods of the range lie in it: by their number, hours of ranges that
// are a whole number of days or months apart by the clock.
func (r *request) moments(byClock bool) func(n int) any {
	if r.group != groupHour || !byClock {
		return func(n int) any { return n }
	}
	hours := r.hours()
	return func(n int) any { return hours[n] }
}

// dates say where the periods of the range lie in their year, so many years on: by their
// number where a period is no part of the calendar's years.
func (r *request) dates(on int) func(n int) any {
	var buckets []report.Bucket
	var again []bool
	switch r.group {
	case groupHour, groupDay, groupMonth, groupQuarter, groupYear:
		buckets = r.buckets()
	default:
		return func(n int) any { return n }
	}
	type date struct {
		year  int
		month time.Month
		day   int
		clock string
		again bool
	}
	if r.group == groupHour {
		for _, h := range r.hours() {
			again = append(again, h.again)
		}
	}
	return func(n int) any {
		wall := r.zone.Wall(buckets[n].From)
		d := date{year: wall.Year() + on}
		switch r.group {
		case groupHour:
			d.month, d.day, d.clock, d.again = wall.Month(), wall.Day(), wall.Format(time.TimeOnly), again[n]
		case groupDay:
			d.month, d.day = wall.Month(), wall.Day()
		case groupMonth:
			d.month = wall.Month()
		case groupQuarter:
			d.month = (wall.Month()-1)/3 + 1
		}
		return d
	}
}

// yearBefore is the same time by the clock in the year before; of a 29 February, which that
// has none of, when March begins.
func (r *request) yearBefore(t time.Time) time.Time {
	wall := r.zone.Wall(t.UnixMilli())
	y, m, d := wall.Date()
	if m == time.February && d == 29 {
		return r.zone.Instant(y-1, time.March, 1, 0, 0, 0)
	}
	hour, minute, second := wall.Clock()
	return r.zone.Instant(y-1, m, d, hour, minute, second)
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
