package stored

import "time"

// Millis is a time as it is stored, in Unix milliseconds; the zero time is 0, and so a member
// that is left out.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Moment is the time that Millis wrote, in UTC.
func Moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
