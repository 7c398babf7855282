package chatbot

import (
	"fmt"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/report"
	"chatreports/shared/rfc3339"
)

// Values of period and dimension.
const (
	today       = "today"
	yesterday   = "yesterday"
	last7Days   = "last7days"
	last30Days  = "last30days"
	thisMonth   = "thisMonth"
	lastMonth   = "lastMonth"
	last3Months = "last3Months"
	thisYear    = "thisYear"
	lastYear    = "lastYear"

	byHour  = "hour"
	byDay   = "day"
	byMonth = "month"
	byYear  = "year"
	auto    = "auto"
)

var (
	periods    = []string{today, yesterday, last7Days, last30Days, thisMonth, lastMonth, last3Months, thisYear, lastYear}
	dimensions = []string{auto, byYear, byMonth, byDay, byHour}

	utc       = calendar.Zone{Location: time.UTC}
	beginning = time.Date(1974, 1, 1, 0, 0, 0, 0, time.UTC)
	calendars = map[string]calendar.Period{byHour: calendar.Hour, byDay: calendar.Day, byMonth: calendar.Month, byYear: calendar.Year}
)

// maxPoints bounds the points of one answer.
const maxPoints = 250_000

// readRange reads the range, and how long the periods in it are.
func (r *request) readRange(v *dialect.Values) (refused *dialect.Refusal) {
	if v.Text("from") == "" && v.Text("to") == "" {
		r.within, r.toNow = rangeOf(v.Text("period"), r.now.UTC())
	} else if r.within, refused = v.Range("from", "to", utc, moment, dialect.Range{From: beginning, To: r.now}); refused != nil {
		return r.oneEnd(v, refused)
	} else if refused = r.bounded(v); refused != nil {
		return refused
	}
	switch r.dimension {
	case "":
		r.dimension = byDay
	case auto:
		r.dimension = fitting(r.within)
	}
	if length := r.within.To.Sub(r.within.From); r.dimension == byHour && length/time.Hour > maxPoints {
		return tooMany(r.dimension)
	}
	return nil
}

// oneEnd names the end that was given, where it does not go with the other's default.
func (r *request) oneEnd(v *dialect.Values, refused *dialect.Refusal) *dialect.Refusal {
	switch {
	case r.within.From.Before(r.within.To):
	case v.Text("to") == "":
		return dialect.Invalid("from", "it must be before now, since 'to' is not given")
	case v.Text("from") == "":
		return dialect.Invalid("to", "it must be later than 1974-1-1, since 'from' is not given")
	}
	return refused
}

// bounded refuses a range that is too long, by an end that was given.
func (r *request) bounded(v *dialect.Values) *dialect.Refusal {
	refused := r.within.Bounded("from", "to", utc)
	switch {
	case refused == nil:
	case v.Text("to") == "":
		return dialect.Invalid("from", "it is more than %d years before now, since 'to' is not given", dialect.MaxYears)
	case v.Text("from") == "":
		return dialect.Invalid("to", "it is more than %d years after 1974-1-1, since 'from' is not given", dialect.MaxYears)
	}
	return refused
}

func tooMany(dimension string) *dialect.Refusal {
	return dialect.Invalid("dimension", "%q would give more than %d points; take a shorter range, a longer dimension or fewer stories", dimension, maxPoints)
}

// moment reads a day, its month and day with one digit or two, or RFC 3339.
func moment(_ calendar.Zone, text string) (time.Time, error) {
	if t, err := time.Parse("2006-1-2", text); err == nil {
		return t, nil
	}
	// An unencoded + arrives as a space.
	if t, err := rfc3339.Parse(strings.ReplaceAll(text, " ", "+")); err == nil {
		return t.Truncate(time.Millisecond), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither a day such as 2026-3-1 nor a moment such as 2026-03-01T09:00:00Z", dialect.Clip(text))
}

// rangeOf is the range of a period, and whether it ends now.
func rangeOf(period string, now time.Time) (r dialect.Range, toNow bool) {
	y, m, d := now.Date()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	switch period {
	case yesterday:
		return dialect.Range{From: day(y, m, d-1), To: day(y, m, d)}, false
	case lastMonth:
		return dialect.Range{From: day(y, m-1, 1), To: day(y, m, 1)}, false
	case last3Months:
		return dialect.Range{From: day(y, m-3, 1), To: day(y, m, 1)}, false
	case lastYear:
		return dialect.Range{From: day(y-1, 1, 1), To: day(y, 1, 1)}, false
	case today:
		return dialect.Range{From: day(y, m, d), To: now}, true
	case last7Days:
		return dialect.Range{From: day(y, m, d-6), To: now}, true
	case thisMonth:
		return dialect.Range{From: day(y, m, 1), To: now}, true
	case thisYear:
		return dialect.Range{From: day(y, 1, 1), To: now}, true
	}
	return dialect.Range{From: day(y, m, d-29), To: now}, true
}

// fitting is the dimension of which a range has neither too few nor too many.
func fitting(r dialect.Range) string {
	const day = 24 * time.Hour
	switch length := r.To.Sub(r.From); {
	case length <= 2*day:
		return byHour
	case length <= 92*day:
		return byDay
	case !r.From.AddDate(3, 0, 0).Before(r.To):
		return byMonth
	}
	return byYear
}

// buckets cuts the range at the dimension. Of a period that ends now the present one is
// among them, also if it has only just begun: then it is empty.
func (r *request) buckets() []report.Bucket {
	out := utc.Buckets(calendars[r.dimension], r.within.From, r.within.To, time.Sunday)
	if now := r.within.To.UnixMilli(); r.toNow && (len(out) == 0 || r.start(now).UnixMilli() == now) {
		out = append(out, report.Bucket{From: now, To: now})
	}
	return out
}

// start is where the calendar period of a moment begins.
func (r *request) start(ms int64) time.Time {
	t := time.UnixMilli(ms).UTC()
	y, m, d := t.Date()
	switch r.dimension {
	case byYear:
		m, d = 1, 1
	case byMonth:
		d = 1
	case byHour:
		return t.Truncate(time.Hour)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// finer is how many of the next finer periods a bucket touches.
func (r *request) finer(b report.Bucket) int64 {
	if b.From >= b.To {
		return 1
	}
	first, last := time.UnixMilli(b.From).UTC(), time.UnixMilli(b.To-1).UTC()
	touched := func(length time.Duration) int64 {
		return int64(last.Truncate(length).Sub(first.Truncate(length))/length) + 1
	}
	switch r.dimension {
	case byYear:
		return int64(last.Month()-first.Month()) + 1
	case byMonth:
		return touched(24 * time.Hour)
	case byDay:
		return touched(time.Hour)
	}
	return 1
}
