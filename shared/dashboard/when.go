package dashboard

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
)

// when says which time a question for rows is of, as people write it.
func when(q url.Values) string {
	zone := cmp.Or(q.Get("timezone"), "UTC")
	from, err := time.Parse(calendar.WallLayout, q.Get("timeFrom"))
	to, other := time.Parse(calendar.WallLayout, q.Get("timeTo"))
	switch bucket := q.Get("bucket"); {
	case err != nil || other != nil:
		return ""
	case bucket == "":
		return between(from, to) + ", " + zone
	case strings.Contains(q.Get("group"), "Distribution"):
		return bucket + ", " + between(from, to) + ", " + zone
	default:
		return q.Get("group") + " of " + wall(bucket) + ", " + zone
	}
}

// between is a range of time, told by its first and last day where it is of whole days.
func between(from, to time.Time) string {
	if from.Equal(from.Truncate(24*time.Hour)) && to.Equal(to.Truncate(24*time.Hour)) {
		const long = "2 Jan 2006"
		first, last := from.Format(long), to.AddDate(0, 0, -1).Format(long)
		if first == last {
			return first
		}
		return first + " to " + last
	}
	const long = "2 Jan 2006 15:04"
	return from.Format(long) + " to " + to.Format(long)
}

// wall is a time of clocks on the wall as people write it: a day where it is midnight.
func wall(text string) string {
	t, err := time.Parse(calendar.WallLayout, text)
	switch {
	case err != nil:
		return text
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format("Mon 2 Jan 2006")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// location is that of a zone which an address names.
func location(zone string) (*time.Location, error) {
	z, err := calendar.ParseZone(zone)
	if err != nil {
		return nil, dialect.Invalid("zone", "%s", err)
	}
	return z.Location, nil
}

// clock is a moment as a page shows it, in a zone.
func clock(t time.Time, in *time.Location) string { return t.In(in).Format("2 Jan 2006 15:04:05") }

// local is a time as APIs write it, in a zone, to the millisecond; another text is left as it is.
func local(text string, in *time.Location) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.In(in).Format("2006-01-02 15:04:05.000")
}
