package dialect

import (
	"fmt"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/rfc3339"
)

// Form is how a moment is written in a dialect.
type Form func(zone calendar.Zone, text string) (time.Time, error)

// Wall is a wall time of the zone, yyyy-MM-ddTHH:mm:ss.
func Wall(zone calendar.Zone, text string) (time.Time, error) { return zone.ParseWall(text) }

// Instant is RFC 3339, or a date alone: its midnight in the zone.
func Instant(zone calendar.Zone, text string) (time.Time, error) {
	if t, err := rfc3339.Parse(text); err == nil {
		return t, nil
	}
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return zone.Instant(d.Year(), d.Month(), d.Day(), 0, 0, 0), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither a moment such as 2026-03-01T09:00:00Z nor a day such as 2026-03-01", Clip(text))
}

// MaxYears is how long a range may be that is cut into periods.
const MaxYears = 100

// Range is a range of time, half-open.
type Range struct{ From, To time.Time }

// Bounded refuses a range of more than a hundred years of the zone's calendar.
func (r Range) Bounded(from, to string, zone calendar.Zone) *Refusal {
	if r.To.After(r.From.In(zone.Location).AddDate(MaxYears, 0, 0)) {
		return Invalid(to, "it is more than %d years after '%s'", MaxYears, from)
	}
	return nil
}

// Range reads a range from two parameters in one form. One that was not given leaves
// its end as it is in otherwise. It may be of any length.
func (v *Values) Range(from, to string, zone calendar.Zone, form Form, otherwise Range) (Range, *Refusal) {
	r := otherwise
	for _, end := range []struct {
		name string
		at   *time.Time
	}{{from, &r.From}, {to, &r.To}} {
		text := v.Text(end.name)
		if text == "" {
			continue
		}
		t, err := form(zone, text)
		if err != nil {
			return r, Invalid(end.name, "%s", err)
		}
		*end.at = t
	}
	switch {
	case !r.From.Before(r.To) && v.ahead(from, to, form):
		return r, Invalid(to, "it must be later than '%s', but the clocks of the zone were moved, and both are the same moment or the other way round", from)
	case !r.From.Before(r.To):
		return r, Invalid(to, "it must be later than '%s'", from)
	}
	return r, nil
}

// ahead says whether one parameter is before another where no clocks are moved.
func (v *Values) ahead(from, to string, form Form) bool {
	utc := calendar.Zone{Location: time.UTC}
	a, errA := form(utc, v.Text(from))
	b, errB := form(utc, v.Text(to))
	return errA == nil && errB == nil && a.Before(b)
}
