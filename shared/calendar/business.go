package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// BusinessHours are the times of the week at which a business is open, by the
// clocks of a zone, and the days on which it stays closed. A moment is within them
// if the clocks show an hour that is: an hour shown twice counts twice, a skipped
// one not at all.
type BusinessHours struct {
	zone Zone
	week [7]businessDay // by time.Weekday
	// weekly is how long the business is open in a week, in milliseconds.
	weekly int64
	// closed are the holidays, as days since 1970, in order.
	closed []int64
}

// businessDay is one day of the week: its hours,
// and how long the days before it in the week are open together.
type businessDay struct {
	spans  []WallSpan
	before int64
}

// WallSpan is a part of a day, in minutes of the wall clock: From is in, To is out.
type WallSpan struct{ From, To int }

const dayMs = 24 * 60 * 60 * 1000

// NewBusinessHours takes the hours of each day of the week, disjoint, and the
// holidays, YYYY-MM-DD, on which nothing is open.
func NewBusinessHours(zone Zone, hours func(time.Weekday) []WallSpan, holidays []string) (*BusinessHours, error) {
	b := &BusinessHours{zone: zone}
	for d := range b.week {
		b.week[d] = businessDay{spans: hours(time.Weekday(d)), before: b.weekly}
		b.weekly += b.week[d].until(dayMs)
	}
	for _, text := range holidays {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, fmt.Errorf("the holiday %q is no date such as 2026-12-25", clip(text))
		}
		b.closed = append(b.closed, day.Unix()*1000/dayMs)
	}
	slices.Sort(b.closed)
	b.closed = slices.Compact(b.closed)
	return b, nil
}

// AlwaysOpen are the hours of a business that closes on holidays only.
func AlwaysOpen(time.Weekday) []WallSpan { return []WallSpan{{0, 24 * 60}} }

// Open says whether a moment is within business hours.
func (b *BusinessHours) Open(at int64) bool { return b.Length(at, at+1) > 0 }

// Length is how much of [from, to) lies within business hours, in milliseconds. It
// takes as long as the zone has changes of its offset, and the business holidays,
// in between.
func (b *BusinessHours) Length(from, to int64) int64 {
	length := int64(0)
	for from < to {
		t := b.zone.Wall(from)
		end := to
		if until := lasts(t); !until.IsZero() {
			end = min(end, until.UnixMilli())
		}
		shift := offset(t).Milliseconds()
		length += b.onWall(from+shift, end+shift)
		from = end
	}
	return length
}

// onWall is how much of a stretch is open by a clock that is never moved. Times are
// what it shows, as milliseconds since it showed 1970.
func (b *BusinessHours) onWall(from, to int64) int64 {
	length := b.untilWall(to) - b.untilWall(from)
	first, _ := slices.BinarySearchFunc(b.closed, from, func(day, at int64) int { return cmp.Compare((day+1)*dayMs-1, at) })
	for _, day := range b.closed[first:] {
		midnight := day * dayMs
		if midnight >= to {
			break
		}
		length -= b.untilWall(min(to, midnight+dayMs)) - b.untilWall(max(from, midnight))
	}
	return length
}

// untilWall is the time open since the Sunday before 1970 without regard to
// holidays; negative before it.
func (b *BusinessHours) untilWall(at int64) int64 {
	const sunday = -4 * dayMs // 1970 began on a Thursday
	weeks, inWeek := divide(at-sunday, 7*dayMs)
	day, inDay := divide(inWeek, dayMs)
	return weeks*b.weekly + b.week[day].before + b.week[day].until(inDay)
}

// until is the time open since midnight.
func (d *businessDay) until(ms int64) int64 {
	length := int64(0)
	for _, s := range d.spans {
		from, to := int64(s.From)*60_000, int64(s.To)*60_000
		length += max(0, min(ms, to)-from)
	}
	return length
}

// divide rounds down, also what is negative.
func divide(n, by int64) (quotient, rest int64) {
	rest = (n%by + by) % by
	return (n - rest) / by, rest
}
