// Package calendar cuts ranges of time into calendar periods of any zone, and
// measures them in business hours, daylight-saving changes included. In: instants, a
// zone and a period. Out: consecutive buckets, or a length. It knows no reports and has no clock.
package calendar

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"chatreports/shared/iana"
	"chatreports/shared/step"
)

// Period is a calendar period.
type Period uint8

const (
	Hour Period = iota
	HalfHour
	Day
	Week
	Month
	Year
	Quarter
)

// Zone is a time zone: a fixed offset ±hh:mm or an IANA zone.
type Zone struct{ *time.Location }

// ParseZone reads ±hh:mm or an IANA name; empty is UTC. A space is read as the
// plus sign that an unencoded query string loses: as in +08:00, so in Etc/GMT+5.
func ParseZone(s string) (Zone, error) {
	if s == "" {
		return Zone{time.UTC}, nil
	}
	if s[0] == ' ' {
		s = "+" + s[1:]
	}
	if s[0] == '+' || s[0] == '-' {
		t, err := time.Parse("15:04", s[1:])
		if err != nil || len(s) != 6 {
			return Zone{}, fmt.Errorf("%q is no offset such as +08:00, below 24 hours", clip(s))
		}
		seconds := t.Hour()*3600 + t.Minute()*60
		if s[0] == '-' {
			seconds = -seconds
		}
		return Zone{time.FixedZone(s, seconds)}, nil
	}
	loc, err := iana.Zone(strings.ReplaceAll(s, " ", "+"))
	if err != nil {
		if zone := meant(s); zone != "" {
			return Zone{}, fmt.Errorf("%q is no IANA zone; %s was probably meant", clip(s), zone)
		}
		return Zone{}, fmt.Errorf("%q is neither an offset such as +08:00 nor an IANA zone such as Europe/Berlin", clip(s))
	}
	return Zone{loc}, nil
}

// meant is the IANA zone that a name was probably meant to be: the one that is spelled so but for
// case, else the first of a place of that name; empty if there is none.
func meant(name string) string {
	name = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	place := ""
	for _, zone := range iana.Names() {
		switch lower := strings.ToLower(zone); {
		case lower == name:
			return zone
		case place == "" && strings.HasSuffix(lower, "/"+name):
			place = zone
		}
	}
	return place
}

// clip keeps messages short whatever was sent.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// Instant is the moment at which the zone's clocks show a wall time: the first
// if they show it twice; if they skip it, the moment by the offset before.
func (z Zone) Instant(year int, month time.Month, day, hour, minute, second int) time.Time {
	t, _ := z.instant(time.Date(year, month, day, hour, minute, second, 0, time.UTC))
	return t
}

// instant also says when the clocks were moved, if that skipped the wall time.
func (z Zone) instant(wall time.Time) (t, skippedAt time.Time) {
	// No offset is a whole day, so this is before; then stretch by stretch of one offset.
	for begin := wall.Add(-24 * time.Hour).In(z.Location); ; {
		here := wall.Add(-offset(begin)).In(z.Location)
		if here.Before(begin) {
			return t, begin
		}
		t = here
		end := lasts(begin)
		if end.IsZero() || t.Before(end) {
			return t, time.Time{}
		}
		begin = end
	}
}

// FirstAt is the first moment at which the zone's clocks show a wall time or, if they
// skip it, a later one. Of wall only the date and the time count, not its zone.
func (z Zone) FirstAt(wall time.Time) time.Time {
	y, m, d := wall.Date()
	t, skippedAt := z.instant(time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC))
	if !skippedAt.IsZero() {
		return skippedAt
	}
	return t
}

// Midnight is the first moment of a day, or of the next one if the day is skipped.
func (z Zone) Midnight(year int, month time.Month, day int) time.Time {
	return z.FirstAt(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// lasts is up to when the offset in force at t surely is; zero is for ever. Go counts 365 days in every year in which a
// zone's last rule holds: on the last day of a leap year its answer has passed, and the year's real end is meant.
func lasts(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = end.Add(24 * time.Hour)
	}
	return end
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// WallLayout is how a wall time is written, without its offset.
const WallLayout = "2006-01-02T15:04:05"

var wallForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)
})

// ParseWall reads a wall time of the zone, yyyy-MM-ddTHH:mm:ss.
func (z Zone) ParseWall(s string) (time.Time, error) {
	w, err := time.Parse(WallLayout, s)
	if err != nil && wallForm().MatchString(s) {
		return time.Time{}, fmt.Errorf("%q is no day and time that exists", s)
	}
	if err != nil || len(s) != len(WallLayout) {
		return time.Time{}, fmt.Errorf("%q is not of the form yyyy-MM-ddTHH:mm:ss, wall time of the zone without Z or an offset", clip(s))
	}
	return z.Instant(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second()), nil
}

// Wall is the wall time that the zone's clocks show.
func (z Zone) Wall(ms int64) time.Time { return time.UnixMilli(ms).In(z.Location) }

// Buckets cuts [from, to) at the calendar boundaries of a period. Hours and half
// hours also end where the offset changes. weekStart is the day weeks start on.
func (z Zone) Buckets(p Period, from, to time.Time, weekStart time.Weekday) []step.Span {
	var out []step.Span
	for from.Before(to) {
		next := z.next(p, from.In(z.Location), weekStart)
		if next.After(to) {
			next = to
		}
		out = append(out, step.Span{From: from.UnixMilli(), To: next.UnixMilli()})
		from = next
	}
	return out
}

// next is the first boundary of a period after t.
func (z Zone) next(p Period, t time.Time, weekStart time.Weekday) time.Time {
	y, m, d := t.Date()
	switch p {
	case Day:
		d++
	case Week:
		d += 7 - int(t.Weekday()-weekStart+7)%7
	case Month:
		m, d = m+1, 1
	case Quarter:
		m, d = m-(m-1)%3+3, 1
	case Year:
		y, m, d = y+1, 1, 1
	default:
		length := time.Hour
		if p == HalfHour {
			length = 30 * time.Minute
		}
		sinceHour := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
		next := t.Add(length - sinceHour%length)
		if end := lasts(t); !end.IsZero() && end.Before(next) && offset(end) != offset(t) {
			next = end
		}
		return next
	}
	next := z.Midnight(y, m, d)
	for !next.After(t) { // a day that the zone skipped
		d++
		next = z.Midnight(y, m, d)
	}
	return next
}
