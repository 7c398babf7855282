package oracle

import (
	"fmt"
	"maps"
	"time"
)

// Values of compare.
const (
	previousRange = "previous"
	lastYear      = "lastYear"
)

// compared is the answer with, in each row, the figures of the same row of another range.
func (q *query) compared(r report, with string) any {
	other := *q
	other.crossed, other.cache = nil, map[agentAnd][]span{}
	byClock := true
	if with == lastYear {
		other.from, other.to = q.aYearBefore(q.from), q.aYearBefore(q.to)
	} else {
		other.to = q.from
		other.from, byClock = q.before()
	}
	id := idProperty(q.of())
	figures := map[string]any{}
	if other.from < other.to {
		rows := r.run(&other).([]any)
		for i, where := range other.wheres(rows, with, byClock, 1) {
			row := maps.Clone(rows[i].(map[string]any))
			delete(row, id)
			figures[where] = row
		}
	}
	rows := r.run(q).([]any)
	for i, where := range q.wheres(rows, with, byClock, 0) {
		rows[i].(map[string]any)[with] = figures[where]
	}
	return rows
}

// wheres say of each row what it is of, so that rows of both ranges can be told to correspond.
// Every part of the range has as many rows as another.
func (q *query) wheres(rows []any, with string, byClock bool, yearsOn int) []string {
	parts := len(q.parts())
	if isDistribution(q.group) {
		parts = slots(q.group)
	}
	out := make([]string, len(rows))
	per := len(rows) / parts
	seen := map[string]int{}
	var buckets []bucket
	if isTime(q.group) && !isDistribution(q.group) {
		buckets = q.buckets()
	}
	for i, row := range rows {
		n := i / per
		where := fmt.Sprint(n)
		if buckets != nil {
			wall := wallOf(time.UnixMilli(buckets[n].from), q.zone)
			first := wallOf(time.UnixMilli(q.from), q.zone)
			switch {
			case with == lastYear:
				year := fmt.Sprint(wall.Year() + yearsOn)
				switch q.group {
				case hourGroup:
					where = year + wall.Format("-01-02T15:04:05")
				case dayGroup:
					where = year + wall.Format("-01-02")
				case monthGroup:
					where = year + wall.Format("-01")
				case quarterGroup:
					where = fmt.Sprint(year, "-", (wall.Month()+2)/3)
				case yearGroup:
					where = year
				}
			case q.group == hourGroup && byClock:
				days := wall.Truncate(24*time.Hour).Sub(first.Truncate(24*time.Hour)) / (24 * time.Hour)
				where = fmt.Sprint(int(days), wall.Format(time.TimeOnly))
			}
		}
		where += fmt.Sprint("/", row.(map[string]any)[idProperty(q.of())])
		seen[where]++ // an hour may come twice
		out[i] = fmt.Sprint(where, "/", seen[where])
	}
	return out
}

// aYearBefore is the same wall time a year earlier; a 29 February is when March began.
func (q *query) aYearBefore(at int64) int64 {
	wall := wallOf(time.UnixMilli(at), q.zone)
	if wall.Month() == time.February && wall.Day() == 29 {
		wall = time.Date(wall.Year(), time.March, 1, 0, 0, 0, 0, time.UTC)
	}
	wall = time.Date(wall.Year()-1, wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)
	return instantOf(wall, q.zone).UnixMilli()
}

// before is where the range before begins, and whether that is by the clock.
func (q *query) before() (int64, bool) {
	from, to := wallOf(time.UnixMilli(q.from), q.zone), wallOf(time.UnixMilli(q.to), q.zone)
	if from.Format(time.TimeOnly) != to.Format(time.TimeOnly) {
		return q.from - (q.to - q.from), false
	}
	if months := (to.Year()-from.Year())*12 + int(to.Month()-from.Month()); from.Day() == to.Day() && months > 0 {
		from = time.Date(from.Year(), from.Month()-time.Month(months), from.Day(), from.Hour(), from.Minute(), from.Second(), 0, time.UTC)
	} else {
		from = from.Add(-to.Sub(from))
	}
	return instantOf(from, q.zone).UnixMilli(), true
}
