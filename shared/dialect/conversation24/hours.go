package conversation24

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/extract"
	corereport "chatreports/shared/report"
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

// dayOf is the midnight that began the zone's day.
func dayOf(zone calendar.Zone, ms int64) time.Time {
	wall := zone.Wall(ms)
	return zone.Instant(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0)
}

// tally counts things by hour, and gives what it counted as soon as an hour is over: so no
// more is kept than a day's, however long the window is. The rows are one for each place.
type tally[N comparable] struct {
	hours
	counted map[place]*N
}

// place is an hour, a campaign, and an entry point or an invitation.
type place struct {
	hour         int64
	campaign, id string
}

func (t *tally[N]) at(ms int64, campaign, id string) *N {
	p := place{t.of(ms).From, campaign, id}
	if t.counted[p] == nil {
		t.counted[p] = new(N)
	}
	return t.counted[p]
}

// over yields what was counted in hours that ended by a time, in the order of rows, and
// forgets it. What was counted and taken back is left out.
func (t *tally[N]) over(by int64) iter.Seq2[place, N] {
	now := int64(math.MaxInt64)
	if by < now {
		now = t.of(by).From
	}
	return func(yield func(place, N) bool) {
		var places []place
		for p := range t.counted {
			if p.hour < now {
				places = append(places, p)
			}
		}
		slices.SortFunc(places, func(a, b place) int {
			return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.id, b.id))
		})
		var none N
		for _, p := range places {
			n := *t.counted[p]
			delete(t.counted, p)
			if n != none && !yield(p, n) {
				return
			}
		}
	}
}

// dayMillis is the length of a UTC day.
const dayMillis = int64(24 * time.Hour / time.Millisecond)

// hourly tells what visitors did by hour and place, a day after the other. act counts what
// they did; until, if there is any, counts what else there was before a time.
func hourly[N comparable](s *extract.Source, q *request, act func(*tally[N], *corereport.Act), until func(*tally[N], int64) error, row func(extract.Names, place, *N) []string) rows {
	return func(yield func([]string, error) bool) {
		t := &tally[N]{hours: hours{zone: q.zone}, counted: map[place]*N{}}
		tell := func(by int64) bool {
			if until != nil {
				if err := until(t, by); err != nil {
					yield(nil, err)
					return false
				}
			}
			for p, n := range t.over(by) {
				if !yield(row(s.Names(), p, &n), s.Err()) {
					return false
				}
			}
			return true
		}
		for _, midnight := range s.Days(q.From, q.To) {
			if !tell(midnight) {
				return
			}
			err := s.Acts(max(q.From, midnight), min(q.To, midnight+dayMillis), func(a corereport.Act) error {
				act(t, &a)
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
		}
		tell(math.MaxInt64)
	}
}
