package oracle

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"chatreports/infra/oracle/zic"
)

var offsetForm = regexp.MustCompile(`^[ +-]([0-9]{2}):([0-9]{2})$`)

// zoneOf reads a timezone parameter: ±hh:mm or an IANA name, in both of which a + may
// arrive as a space; empty is UTC.
func zoneOf(text string) (*zic.Zone, bool) {
	if text == "" {
		return zic.Fixed(0), true
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
		return zic.Fixed(seconds), true
	}
	return zic.Load(strings.ReplaceAll(text, " ", "+"))
}

// A wall clock reading is a time in UTC with the same digits.
const wallForm = "2006-01-02T15:04:05"

// wallOf is the wall clock at an instant.
func wallOf(at time.Time, zone *zic.Zone) time.Time {
	return at.UTC().Add(zone.Offset(at))
}

func wallText(at int64, zone *zic.Zone) string {
	return wallOf(time.UnixMilli(at), zone).Format(wallForm)
}

// instantOf is the first instant at which the wall clock shows this. A reading that
// is skipped is taken with the offset before.
func instantOf(wall time.Time, zone *zic.Zone) time.Time {
	at, skippedAt := findWall(wall, zone)
	if skippedAt.IsZero() {
		return at
	}
	return wall.Add(-zone.Offset(skippedAt.Add(-time.Second)))
}

// firstAtOrAfter is the first instant at which the wall clock shows this or later.
func firstAtOrAfter(wall time.Time, zone *zic.Zone) time.Time {
	at, _ := findWall(wall, zone)
	return at
}

// findWall goes through the offsets in force around a reading, in order, and
// answers the first instant that shows it or a later one; skippedAt is the change
// of offset that skips it.
func findWall(wall time.Time, zone *zic.Zone) (at, skippedAt time.Time) {
	begin := wall.Add(-48 * time.Hour)
	for {
		end := zone.Next(begin)
		t := wall.Add(-zone.Offset(begin))
		if end.IsZero() || t.Before(end) {
			if t.Before(begin) {
				return begin, begin
			}
			return t, time.Time{}
		}
		begin = end
	}
}
