package oracle

import (
	"fmt"
	"time"
)

// bucket is a part of the range asked for; slot is its place in a distribution.
type bucket struct {
	from, to int64
	slot     int
}

const (
	hourGroup    = "hour"
	dayGroup     = "day"
	weekGroup    = "week"
	monthGroup   = "month"
	quarterGroup = "quarter"
	yearGroup    = "year"
	totalGroup   = "total"
	weekHours    = "24*7Distribution"
	dayHalfHours = "halfHourDistribution"
	slotsOfWeek  = 7 * 24
	slotsOfDay   = 48
	halfAnHour   = 30 * time.Minute
	msPerSecond  = 1000
)

func isDistribution(group string) bool { return group == weekHours || group == dayHalfHours }

func isTime(group string) bool {
	switch group {
	case hourGroup, dayGroup, weekGroup, monthGroup, quarterGroup, yearGroup, totalGroup, weekHours, dayHalfHours:
		return true
	}
	return false
}

// buckets cuts the range into the buckets of a group, in order, all of them.
func (q *query) buckets() []bucket {
	switch q.group {
	case hourGroup, weekHours:
		return q.clockBuckets(time.Hour)
	case dayHalfHours:
		return q.clockBuckets(halfAnHour)
	case totalGroup:
		return []bucket{{from: q.from, to: q.to}}
	}
	return q.calendarBuckets()
}

// clockBuckets are hours or half hours of the wall clock; they end at a change of
// the offset too.
func (q *query) clockBuckets(size time.Duration) []bucket {
	var list []bucket
	begin, end := time.UnixMilli(q.from), time.UnixMilli(q.to)
	for at := begin; at.Before(end); {
		wall := wallOf(at, q.zone)
		next := at.Add(wall.Truncate(size).Add(size).Sub(wall))
		if change := q.zone.Next(at); !change.IsZero() && change.Before(next) {
			next = change
		}
		if next.After(end) {
			next = end
		}
		slot := int(wall.Weekday())*24 + wall.Hour()
		if size == halfAnHour {
			slot = wall.Hour()*2 + wall.Minute()/30
		}
		list = append(list, bucket{at.UnixMilli(), next.UnixMilli(), slot})
		at = next
	}
	return list
}

// calendarBuckets are days, weeks, months, quarters or years of the calendar.
func (q *query) calendarBuckets() []bucket {
	wall := wallOf(time.UnixMilli(q.from), q.zone)
	day := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	var next func(time.Time) time.Time
	switch q.group {
	case dayGroup:
		next = func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
		day = day.AddDate(0, 0, -1)
	case weekGroup:
		next = func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }
		first := time.Sunday
		if q.mondays {
			first = time.Monday
		}
		for day.Weekday() != first {
			day = day.AddDate(0, 0, -1)
		}
		day = day.AddDate(0, 0, -7)
	case monthGroup:
		next = func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
		day = day.AddDate(0, 0, 1-day.Day()).AddDate(0, -1, 0)
	case quarterGroup:
		next = func(t time.Time) time.Time { return t.AddDate(0, 3, 0) }
		day = time.Date(day.Year()-1, 1, 1, 0, 0, 0, 0, time.UTC)
	case yearGroup:
		next = func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }
		day = time.Date(day.Year()-1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	var list []bucket
	for {
		from := max(q.from, firstAtOrAfter(day, q.zone).UnixMilli())
		if from >= q.to {
			return list
		}
		day = next(day)
		if to := min(q.to, firstAtOrAfter(day, q.zone).UnixMilli()); from < to {
			list = append(list, bucket{from: from, to: to})
		}
	}
}

// slots is how many slots a distribution has.
func slots(group string) int {
	if group == weekHours {
		return slotsOfWeek
	}
	return slotsOfDay
}

// slotTime is the time property of a slot.
func slotTime(group string, slot int) map[string]any {
	name := func(slot int) string {
		if group == weekHours {
			slot %= slotsOfWeek
			return fmt.Sprintf("%s. %02d:00", time.Weekday(slot / 24).String()[:3], slot%24)
		}
		slot %= slotsOfDay
		return fmt.Sprintf("%02d:%02d", slot/2, slot%2*30)
	}
	return map[string]any{"from": name(slot), "to": name(slot + 1)}
}

func (q *query) timeOf(b bucket) map[string]any {
	return map[string]any{"from": wallText(b.from, q.zone), "to": wallText(b.to, q.zone)}
}
