package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"

	"chatreports/shared/calendar"
	"chatreports/shared/step"
	"chatreports/shared/tenant"
)

// Timing says when a schedule runs, and into which periods it cuts time.
type Timing struct {
	zone calendar.Zone
	cron string // empty: it runs at the end of every period
	period
}

// period is what one object covers: a calendar period, or parts of a day.
type period struct {
	calendar calendar.Period
	part     time.Duration // 0: it is the whole
}

// FieldError is a mistake in what a schedule declares.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Err.Error() }

func (e *FieldError) Unwrap() error { return e.Err }

func wrong(field, format string, args ...any) error {
	return &FieldError{field, fmt.Errorf(format, args...)}
}

// rates are those that fill a day without a rest; 0 is the day itself.
var rates = map[string]time.Duration{
	"5 minutes": 5 * time.Minute, "10 minutes": 10 * time.Minute, "15 minutes": 15 * time.Minute, "20 minutes": 20 * time.Minute, "30 minutes": 30 * time.Minute,
	"1 hour": time.Hour, "2 hours": 2 * time.Hour, "3 hours": 3 * time.Hour, "4 hours": 4 * time.Hour, "6 hours": 6 * time.Hour, "8 hours": 8 * time.Hour, "12 hours": 12 * time.Hour,
	"1 day": 0,
}

// rateHelp names them, in order.
const rateHelp = "5, 10, 15, 20 or 30 minutes, 1 hour, 2, 3, 4, 6, 8 or 12 hours, or 1 day"

// periods are those that a schedule with cron may name.
var periods = map[string]period{
	"hour": {calendar.Day, time.Hour}, "day": {calendar: calendar.Day}, "week": {calendar: calendar.Week}, "month": {calendar: calendar.Month},
}

const cronHelp = `five fields, minute hour day-of-month month day-of-week, such as "15 3 * * *" for a quarter past three every day`

// TimingOf reads when a schedule runs. An error is a *FieldError.
func TimingOf(s *tenant.Schedule, zone calendar.Zone) (*Timing, error) {
	t := &Timing{zone: zone}
	switch {
	case s.Rate == "" && s.Cron == "":
		return nil, wrong("id", `%q has neither rate nor cron; add one, such as rate: 1 day`, s.ID)
	case s.Rate != "" && s.Cron != "":
		return nil, wrong("cron", `%q has both rate and cron; keep one`, s.ID)
	case s.Rate != "" && s.Period != "":
		return nil, wrong("period", `%q has a period beside its rate; with a rate each object covers the time from one run to the next, so remove it, or use cron`, s.ID)
	case s.Rate != "":
		part, ok := rates[s.Rate]
		if !ok {
			return nil, wrong("rate", "%q has rate %q; it should be %s (for weeks and months there is cron)", s.ID, s.Rate, rateHelp)
		}
		t.period = period{calendar.Day, part}
		return t, nil
	}
	name := s.Period
	if name == "" {
		name = "day"
	}
	var ok bool
	if t.period, ok = periods[name]; !ok {
		return nil, wrong("period", "%q has period %q; it should be 'hour', 'day', 'week' or 'month'", s.ID, s.Period)
	}
	t.cron = strings.Join(strings.Fields(s.Cron), " ")
	if strings.Count(t.cron, " ") != 4 || !gronx.New().IsValid(t.cron) {
		return nil, wrong("cron", "%q has cron %q; it should be %s", s.ID, s.Cron, cronHelp)
	}
	if _, err := t.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return nil, wrong("cron", "%q has cron %q, which never comes; it should be %s", s.ID, s.Cron, cronHelp)
	}
	return t, nil
}

// errNever is that a schedule has no next run.
var errNever = errors.New("the schedule does not run any more")

// Next is the first run later than a moment. A time that the zone's clocks skip runs
// when they have skipped it, one that they show twice runs the first time.
func (t *Timing) Next(after time.Time) (time.Time, error) {
	if t.cron == "" {
		return time.UnixMilli(t.at(after.UnixMilli()).To), nil
	}
	// The expression is about what clocks show, so it is asked about a clock that is never
	// moved.
	for wall := t.wall(after); ; {
		var err error
		if wall, err = gronx.NextTickAfter(t.cron, wall, false); err != nil {
			return time.Time{}, errNever
		}
		if run := t.zone.FirstAt(wall); run.After(after) {
			return run, nil
		}
	}
}

// wall is what the zone's clocks show, to the second, as a time of UTC.
func (t *Timing) wall(at time.Time) time.Time {
	l := at.In(t.zone.Location)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

// at is the period that a moment lies in. It begins and ends when the clocks first
// show its bounds: of an hour that they show twice there is one period, of two hours.
func (t *Timing) at(ms int64) step.Span {
	first := func(wall time.Time) int64 { return t.zone.FirstAt(wall).UnixMilli() }
	from := t.begin(t.wall(time.UnixMilli(ms)))
	to := t.next(from)
	for first(to) <= ms { // clocks that went back show again what is in the period before
		from, to = to, t.next(to)
	}
	return step.Span{From: first(from), To: first(to)}
}

// begin is the beginning of the period in which clocks show a time.
func (p period) begin(wall time.Time) time.Time {
	y, m, d := wall.Date()
	switch {
	case p.part > 0:
		return wall.Truncate(p.part)
	case p.calendar == calendar.Week:
		d -= (int(wall.Weekday()) + 6) % 7
	case p.calendar == calendar.Month:
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// next is the beginning of the period after the one that begins at a time.
func (p period) next(begin time.Time) time.Time {
	switch {
	case p.part > 0:
		return begin.Add(p.part)
	case p.calendar == calendar.Week:
		return begin.AddDate(0, 0, 7)
	case p.calendar == calendar.Month:
		return begin.AddDate(0, 1, 0)
	}
	return begin.AddDate(0, 0, 1)
}

// LastBefore is the last period that is over at a moment.
func (t *Timing) LastBefore(now int64) step.Span { return t.at(t.at(now).From - 1) }

// Between lists the periods that begin at from or later and are over at a moment.
func (t *Timing) Between(from, now int64) []step.Span {
	var out []step.Span
	for p := t.at(from); p.To <= now; p = t.at(p.To) {
		if p.From >= from {
			out = append(out, p)
		}
	}
	return out
}
