package schedule_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/schedule"
	"chatreports/shared/tenant"
)

func zoneOf(t testing.TB, name string) calendar.Zone {
	t.Helper()
	z, err := calendar.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func timing(t testing.TB, zone string, s tenant.Schedule) *schedule.Timing {
	t.Helper()
	out, err := schedule.TimingOf(&s, zoneOf(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTheNextRunFollowsTheClocksOfTheZone(t *testing.T) {
	for name, c := range map[string]struct {
		zone        string
		schedule    tenant.Schedule
		after, want string
	}{
		"every night":                        {"Europe/Berlin", tenant.Schedule{Cron: "15 3 * * *"}, "2026-11-28T12:00:00Z", "2026-11-29T03:15:00+01:00"},
		"in summer":                          {"Europe/Berlin", tenant.Schedule{Cron: "15 3 * * *"}, "2026-07-28T12:00:00Z", "2026-07-29T03:15:00+02:00"},
		"never twice at one moment":          {"Europe/Berlin", tenant.Schedule{Cron: "15 3 * * *"}, "2026-11-29T03:15:00+01:00", "2026-11-30T03:15:00+01:00"},
		"a skipped time when it was skipped": {"Europe/Berlin", tenant.Schedule{Cron: "30 2 * * *"}, "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00"},
		"and not again":                      {"Europe/Berlin", tenant.Schedule{Cron: "30 2 * * *"}, "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		"skipped times together once":        {"Europe/Berlin", tenant.Schedule{Cron: "*/20 2-3 * * *"}, "2026-03-29T03:00:00+02:00", "2026-03-29T03:20:00+02:00"},
		"a repeated time the first time":     {"Europe/Berlin", tenant.Schedule{Cron: "30 2 * * *"}, "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00"},
		"and only then":                      {"Europe/Berlin", tenant.Schedule{Cron: "30 2 * * *"}, "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		"after the repetition":               {"Europe/Berlin", tenant.Schedule{Cron: "*/30 * * * *"}, "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"},
		"from within the repetition":         {"Europe/Berlin", tenant.Schedule{Cron: "45 2 * * *"}, "2026-10-25T02:10:00+01:00", "2026-10-26T02:45:00+01:00"},
		"a day that was skipped":             {"Pacific/Apia", tenant.Schedule{Cron: "0 12 30 12 *"}, "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		"the first Monday after midnight":    {"Asia/Kathmandu", tenant.Schedule{Cron: "0 0 * * mon"}, "2026-11-28T12:00:00Z", "2026-11-30T00:00:00+05:45"},
		"a leap day":                         {"UTC", tenant.Schedule{Cron: "0 0 29 2 *"}, "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
		"a rate of hours":                    {"Asia/Kathmandu", tenant.Schedule{Rate: "1 hour"}, "2026-11-28T12:00:00Z", "2026-11-28T12:15:00Z"},
		"a rate of a day":                    {"Asia/Kathmandu", tenant.Schedule{Rate: "1 day"}, "2026-11-28T12:00:00Z", "2026-11-29T00:00:00+05:45"},
		"a rate on a longer day":             {"Europe/Berlin", tenant.Schedule{Rate: "12 hours"}, "2026-10-25T12:00:00+01:00", "2026-10-26T00:00:00+01:00"},
	} {
		got, err := timing(t, c.zone, c.schedule).Next(moment(t, c.after))
		if err != nil || !got.Equal(moment(t, c.want)) {
			t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestTheLastWholePeriod(t *testing.T) {
	for name, c := range map[string]struct {
		zone          string
		schedule      tenant.Schedule
		now, from, to string
	}{
		"yesterday":                {"Europe/Berlin", tenant.Schedule{Cron: "15 3 * * *"}, "2026-11-29T02:15:00Z", "2026-11-28T00:00:00+01:00", "2026-11-29T00:00:00+01:00"},
		"a day of 25 hours":        {"Europe/Berlin", tenant.Schedule{Rate: "1 day"}, "2026-10-26T12:00:00Z", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		"last week from Monday on": {"Europe/Berlin", tenant.Schedule{Cron: "0 6 * * mon", Period: "week"}, "2026-11-29T12:00:00Z", "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		"last month":               {"America/St_Johns", tenant.Schedule{Cron: "0 6 1 * *", Period: "month"}, "2026-03-01T12:00:00Z", "2026-02-01T00:00:00-03:30", "2026-03-01T00:00:00-03:30"},
		"the hour of a zone":       {"Asia/Kathmandu", tenant.Schedule{Cron: "* * * * *", Period: "hour"}, "2026-11-29T12:00:00Z", "2026-11-29T10:15:00Z", "2026-11-29T11:15:00Z"},
		"just over":                {"UTC", tenant.Schedule{Rate: "15 minutes"}, "2026-11-29T12:15:00Z", "2026-11-29T12:00:00Z", "2026-11-29T12:15:00Z"},
		"half of a long day":       {"Europe/Berlin", tenant.Schedule{Rate: "12 hours"}, "2026-10-25T13:00:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00"},
		"an hour shown twice":      {"Europe/Berlin", tenant.Schedule{Rate: "1 hour"}, "2026-10-25T03:30:00+01:00", "2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00"},
		"before a skipped hour":    {"Europe/Berlin", tenant.Schedule{Rate: "1 hour"}, "2026-03-29T03:30:00+02:00", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
	} {
		got := timing(t, c.zone, c.schedule).LastBefore(moment(t, c.now).UnixMilli())
		if got.From != moment(t, c.from).UnixMilli() || got.To != moment(t, c.to).UnixMilli() {
			t.Errorf("%s: from %s to %s, want from %s to %s", name, time.UnixMilli(got.From).UTC(), time.UnixMilli(got.To).UTC(), c.from, c.to)
		}
	}
}

// What is wrong with a schedule is said with what would be right.
func TestWhatIsNoTimingSaysWhatWouldBeOne(t *testing.T) {
	for want, s := range map[string]tenant.Schedule{
		`id: "s" has neither rate nor cron; add one, such as rate: 1 day`:                                            {},
		`cron: "s" has both rate and cron; keep one`:                                                                 {Rate: "1 day", Cron: "0 0 * * *"},
		`period: "s" has a period beside its rate;`:                                                                  {Rate: "1 day", Period: "day"},
		`rate: "s" has rate "7 minutes"; it should be 5, 10, 15, 20 or 30 minutes, 1 hour,`:                          {Rate: "7 minutes"},
		`rate: "s" has rate "hourly"; it should be`:                                                                  {Rate: "hourly"},
		`period: "s" has period "year"; it should be 'hour', 'day', 'week' or 'month'`:                               {Cron: "0 0 * * *", Period: "year"},
		`cron: "s" has cron "@daily"; it should be five fields, minute hour day-of-month month day-of-week, such as`: {Cron: "@daily"},
		`cron: "s" has cron "0 0 0 * * *"; it should be five fields`:                                                 {Cron: "0 0 0 * * *"},
		`cron: "s" has cron "60 0 * * *"; it should be`:                                                              {Cron: "60 0 * * *"},
		`cron: "s" has cron "0 24 * * *"; it should be`:                                                              {Cron: "0 24 * * *"},
		`cron: "s" has cron "0 0 * * maandag"; it should be`:                                                         {Cron: "0 0 * * maandag"},
		`cron: "s" has cron "0 0 31 2 *", which never comes; it should be`:                                           {Cron: "0 0 31 2 *"},
	} {
		s.ID = "s"
		_, err := schedule.TimingOf(&s, zoneOf(t, "UTC"))
		field, ok := errors.AsType[*schedule.FieldError](err)
		if !ok || !strings.HasPrefix(field.Field+": "+field.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// zones have changes of every kind: of an hour, of half of one, of a day, at midnight
// and a minute after it, none.
var zones = map[string][]string{
	"Europe/Berlin":       {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"},
	"Australia/Lord_Howe": {"2026-04-04T00:00:00Z", "2026-10-03T00:00:00Z"},
	"America/St_Johns":    {"2009-03-07T12:00:00Z", "2009-10-31T12:00:00Z", "2026-11-01T00:00:00Z"},
	"America/Havana":      {"2026-03-08T00:00:00Z", "2026-10-31T12:00:00Z"},
	"America/Sao_Paulo":   {"2018-02-17T12:00:00Z", "2018-11-03T12:00:00Z"},
	"Pacific/Apia":        {"2011-12-29T12:00:00Z"},
	"America/Santiago":    {"2026-04-04T12:00:00Z", "2026-09-05T12:00:00Z"},
	"Antarctica/Troll":    {"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"},
	"Asia/Kathmandu":      {"2026-12-31T00:00:00Z"},
	"UTC":                 {"2024-02-28T12:00:00Z"},
}

// Runs are those of somebody who looks at the clocks every minute, and runs what
// they have come to for the first time.
func TestRunsAreWhatAWalkMinuteByMinuteFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for zone, moves := range zones {
		for range 60 {
			sets, cron := randomCron(r)
			timing := timing(t, zone, tenant.Schedule{Cron: cron})
			start := moment(t, moves[r.IntN(len(moves))]).Add(-time.Duration(r.IntN(600)) * time.Minute)
			var want, got []time.Time
			z := zoneOf(t, zone)
			seen := wallOf(z, start)
			for at := start.Add(time.Minute); at.Before(start.Add(72 * time.Hour)); at = at.Add(time.Minute) {
				due := false
				for ; seen.Before(wallOf(z, at)); due = due || matches(sets, cron, seen) {
					seen = seen.Add(time.Minute)
				}
				if due {
					want = append(want, at)
				}
			}
			for at := start; ; {
				next, err := timing.Next(at)
				if err != nil || !next.Before(start.Add(72*time.Hour)) {
					break
				}
				at = next
				got = append(got, at)
			}
			if fmt.Sprint(utc(got)) != fmt.Sprint(utc(want)) {
				t.Fatalf("%q in %s after %s runs at\n%v, want\n%v", cron, zone, start, utc(got), utc(want))
			}
		}
	}
}

// wallOf is what the clocks show, as if they were those of UTC.
func wallOf(z calendar.Zone, at time.Time) time.Time {
	l := at.In(z.Location)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
}

func utc(times []time.Time) []time.Time {
	for i := range times {
		times[i] = times[i].UTC()
	}
	return times
}

var cronFields = [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}

func randomCron(r *rand.Rand) (sets [5]map[int]bool, cron string) {
	fields := make([]string, 5)
	for i, f := range cronFields {
		low, high := f[0], f[1]
		a, b := low+r.IntN(high-low+1), low+r.IntN(high-low+1)
		sets[i] = map[int]bool{}
		from, to, step := low, high, 1
		fields[i] = "*"
		switch kind := r.IntN(5); {
		case i >= 2 && r.IntN(2) == 0: // else most would hardly ever run
		case kind == 0:
			from, to, fields[i] = a, a, fmt.Sprint(a)
		case kind == 1:
			from, to = min(a, b), max(a, b)
			fields[i] = fmt.Sprintf("%d-%d", from, to)
		case kind == 2:
			step = 1 + r.IntN(high/2)
			fields[i] = fmt.Sprintf("*/%d", step)
		case kind == 3:
			from, to, fields[i] = a, a, fmt.Sprintf("%d,%d", a, b)
			sets[i][b] = true
		}
		for v := from; v <= to; v += step {
			sets[i][v] = true
		}
	}
	return sets, strings.Join(fields, " ")
}

// matches reads an expression as every cron does: of two restrictions of the day one is enough.
func matches(sets [5]map[int]bool, cron string, wall time.Time) bool {
	fields := strings.Fields(cron)
	monthday, weekday := sets[2][wall.Day()], sets[4][int(wall.Weekday())]
	day := monthday && weekday
	if !strings.HasPrefix(fields[2], "*") && !strings.HasPrefix(fields[4], "*") {
		day = monthday || weekday
	}
	return sets[0][wall.Minute()] && sets[1][wall.Hour()] && sets[3][int(wall.Month())] && day
}

// Periods lie end to end, and each begins when clocks that show its beginning come to it.
func TestPeriodsCoverTimeWithoutGaps(t *testing.T) {
	for zone, moves := range zones {
		z := zoneOf(t, zone)
		for _, s := range []tenant.Schedule{
			{Rate: "20 minutes"}, {Rate: "1 hour"}, {Rate: "8 hours"}, {Rate: "1 day"}, {Cron: "0 0 * * *", Period: "week"}, {Cron: "0 0 * * *", Period: "month"},
		} {
			timing := timing(t, zone, s)
			for _, move := range moves {
				begin := timing.LastBefore(moment(t, move).Add(-24 * time.Hour).UnixMilli())
				last := begin
				end := moment(t, move).Add(70 * 24 * time.Hour)
				for _, p := range timing.Between(begin.To, end.UnixMilli()) {
					w := z.Wall(p.From)
					onTime := w.Hour() == 0 && w.Minute() == 0
					if n, _ := strconv.Atoi(strings.Fields(s.Rate + " 0")[0]); strings.HasSuffix(s.Rate, "minutes") {
						onTime = w.Minute()%n == 0
					} else if strings.Contains(s.Rate, "hour") {
						onTime = w.Minute() == 0 && w.Hour()%n == 0
					}
					_, before := z.Wall(p.From - 1).Zone()
					_, after := w.Zone()
					if onTime = onTime || before < after; !onTime { // or they have skipped it
						t.Fatalf("%s, %+v: one begins at %s", zone, s, w)
					}
					if p.From != last.To || p.To <= p.From {
						t.Fatalf("%s, %+v: from %s to %s after %s", zone, s, z.Wall(p.From), z.Wall(p.To), z.Wall(last.To))
					}
					last = p
				}
				if whole := timing.LastBefore(end.UnixMilli()); whole != last {
					t.Fatalf("%s, %+v: the last is from %s to %s, want from %s", zone, s, z.Wall(whole.From), z.Wall(whole.To), z.Wall(last.From))
				}
			}
		}
	}
}
