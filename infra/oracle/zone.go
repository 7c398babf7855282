package oracle

import (
	"regexp"
	"strconv"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

var offsetForm = regexp.MustCompile(`^[ +-]([0-9]{2}):([0-9]{2})$`)

// zoneOf reads a timezone parameter: ±hh:mm (a + may arrive as a space) or an IANA
// name; empty is UTC.
func zoneOf(text string) (*time.Location, bool) {
	if text == "" {
		return time.UTC, true
	}
	if m := offsetForm.FindStringSubmatch(text); m != nil {
		hours, _ := strconv.Atoi(m[1])
		minutes, _ := strconv.Atoi(m[2])
		if hours > 23 || minutes > 59 {
			return nil, false
		}
		seconds := hours*3600 + minutes*60
		if text[0] == '-' {
			seconds = -seconds
		}
		return time.FixedZone(text, seconds), true
	}
	if text == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(text)
	return zone, err == nil
}

// A wall clock reading is a time in UTC with the same digits.
const wallForm = "2006-01-02T15:04:05"

// wallOf is the wall clock at an instant.
func wallOf(at time.Time, zone *time.Location) time.Time {
	_, offset := at.In(zone).Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

func wallText(at int64, zone *time.Location) string {
	return time.UnixMilli(at).In(zone).Format(wallForm)
}

// instantOf is the first instant at which the wall clock shows this. A reading that
// is skipped is taken with the offset before.
func instantOf(wall time.Time, zone *time.Location) time.Time {
	at, skippedAt := findWall(wall, zone)
	if skippedAt.IsZero() {
		return at
	}
	_, before := skippedAt.Add(-time.Second).In(zone).Zone()
	return wall.Add(-time.Duration(before) * time.Second)
}

// firstAtOrAfter is the first instant at which the wall clock shows this or later.
func firstAtOrAfter(wall time.Time, zone *time.Location) time.Time {
	at, _ := findWall(wall, zone)
	return at
}

// findWall goes through the offsets in force around a reading, in order, and
// answers the first instant that shows it or a later one; skippedAt is the change
// of offset that skips it.
func findWall(wall time.Time, zone *time.Location) (at, skippedAt time.Time) {
	begin := wall.Add(-48 * time.Hour)
	for {
		_, offset := begin.In(zone).Zone()
		end := nextChange(begin, zone)
		t := wall.Add(-time.Duration(offset) * time.Second)
		if end.IsZero() || t.Before(end) {
			if t.Before(begin) {
				return begin, begin
			}
			return t, time.Time{}
		}
		begin = end
	}
}

// nextChange is the first instant after this one at which the zone's offset
// changes; zero if it never does.
func nextChange(after time.Time, zone *time.Location) time.Time {
	_, offset := after.In(zone).Zone()
	for t := after; ; {
		_, end := t.In(zone).ZoneBounds()
		if end.IsZero() {
			return end
		}
		if _, now := end.In(zone).Zone(); now != offset {
			return end.UTC()
		}
		t = end
	}
}
