package oracle

import (
	"slices"
	"strings"
	"time"

	"chatreports/infra/oracle/zic"
)

// zone is the tenant's.
func (o *Oracle) zone() *zic.Zone {
	zone, ok := zoneOf(o.tenant.Zone)
	if !ok {
		panic("no zone " + o.tenant.Zone)
	}
	return zone
}

// worked is how many milliseconds of [from, to) are within business hours: the wall
// clock of the tenant's zone shows a time that is in them, on a day that is no holiday.
func (o *Oracle) worked(from, to int64) int64 {
	var sum int64
	for from < to {
		// Until the next change of the offset the wall clock runs evenly.
		at := time.UnixMilli(from)
		end := time.UnixMilli(to)
		if change := o.zone().Next(at); !change.IsZero() && change.Before(end) {
			end = change
		}
		offset := o.zone().Offset(at).Milliseconds()
		sum += o.workedOfClock(from+offset, end.UnixMilli()+offset)
		from = end.UnixMilli()
	}
	return sum
}

// workedOfClock is the same between two readings of an even clock.
func (o *Oracle) workedOfClock(from, to int64) int64 {
	const minute, day = 60_000, 86_400_000
	var sum int64
	for midnight := from - ((from%day)+day)%day; midnight < to; midnight += day {
		date := time.UnixMilli(midnight).UTC()
		if slices.Contains(o.tenant.Holidays, date.Format(time.DateOnly)) {
			continue
		}
		hours := [][2]int{{0, 24 * 60}}
		if o.tenant.BusinessHours != nil {
			hours = o.tenant.BusinessHours[strings.ToLower(date.Weekday().String()[:3])]
		}
		for _, h := range hours {
			sum += within([]span{{midnight + int64(h[0])*minute, midnight + int64(h[1])*minute}}, from, to)
		}
	}
	return sum
}

// atWork says whether a moment is within business hours.
func (o *Oracle) atWork(at int64) bool { return o.worked(at, at+1) > 0 }
