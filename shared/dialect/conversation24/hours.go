package conversation24

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/step"
)

// hours finds the hour of the zone's clocks that a time lies in.
type hours struct {
	zone calendar.Zone
	last step.Span // the one found last: most times are near each other
}

// around is so long that the hour before a time is whole, however clocks are moved.
const around = 3 * time.Hour

func (h *hours) of(ms int64) step.Span {
	if ms < h.last.From || ms >= h.last.To {
		at := time.UnixMilli(ms)
		for _, hour := range h.zone.Buckets(calendar.Hour, at.Add(-around), at.Add(around), time.Sunday) {
			if hour.From <= ms && ms < hour.To {
				h.last = hour
			}
		}
	}
	return h.last
}

// day is the midnight that began the zone's day.
func (h *hours) day(ms int64) time.Time {
	wall := h.zone.Wall(ms)
	return h.zone.Instant(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0)
}

// tally is what was counted of a place in an hour: the rows are one each.
type tally[N any] map[place]*N

// place is an hour, a campaign, and an entry point or an invitation.
type place struct {
	hour         int64
	campaign, id string
}

func (t tally[N]) at(p place) *N {
	if t[p] == nil {
		t[p] = new(N)
	}
	return t[p]
}

// places are those in which anything was counted, in the order of rows.
func (t tally[N]) places() []place {
	return slices.SortedFunc(maps.Keys(t), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.id, b.id))
	})
}
