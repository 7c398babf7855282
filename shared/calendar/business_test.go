package calendar_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/calendar"
)

func businessHours(t testing.TB, zone string, week map[time.Weekday][]calendar.WallSpan, holidays ...string) (*calendar.BusinessHours, calendar.Zone) {
	t.Helper()
	z, err := calendar.ParseZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	hours := calendar.AlwaysOpen
	if week != nil {
		hours = func(d time.Weekday) []calendar.WallSpan { return week[d] }
	}
	b, err := calendar.NewBusinessHours(z, hours, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return b, z
}

func ms(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

func TestBusinessHoursFollowTheWallClock(t *testing.T) {
	night := map[time.Weekday][]calendar.WallSpan{time.Sunday: {{60, 180}}}
	late := map[time.Weekday][]calendar.WallSpan{time.Friday: {{22 * 60, 24 * 60}}, time.Saturday: {{0, 120}}}
	office := map[time.Weekday][]calendar.WallSpan{}
	for d := time.Monday; d <= time.Friday; d++ {
		office[d] = []calendar.WallSpan{{9 * 60, 12 * 60}, {13 * 60, 17 * 60}}
	}
	for name, c := range map[string]struct {
		zone     string
		week     map[time.Weekday][]calendar.WallSpan
		holidays []string
		from, to string
		want     time.Duration
	}{
		"a skipped hour is none":             {"Europe/Berlin", night, nil, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", time.Hour},
		"a repeated hour is two":             {"Europe/Berlin", night, nil, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 3 * time.Hour},
		"an ordinary night":                  {"Europe/Berlin", night, nil, "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", 2 * time.Hour},
		"up to 24:00 and on":                 {"Asia/Kathmandu", late, nil, "2026-11-27T00:00:00Z", "2026-11-29T00:00:00Z", 4 * time.Hour},
		"a holiday is closed":                {"Asia/Kathmandu", late, []string{"2026-11-28"}, "2026-11-27T00:00:00Z", "2026-11-29T00:00:00Z", 2 * time.Hour},
		"a holiday of a business never shut": {"Europe/Berlin", nil, []string{"2026-10-25"}, "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z", 72*time.Hour - 25*time.Hour},
		"a holiday on a day closed anyway":   {"UTC", office, []string{"2026-11-28"}, "2026-11-27T00:00:00Z", "2026-11-30T00:00:00Z", 7 * time.Hour},
		"a holiday named twice":              {"UTC", office, []string{"2026-11-27", "2026-11-27"}, "2026-11-26T00:00:00Z", "2026-11-30T00:00:00Z", 7 * time.Hour},
		"over lunch, to the millisecond":     {"UTC", office, nil, "2026-11-27T11:59:59.999Z", "2026-11-27T13:00:00.002Z", 3 * time.Millisecond},
		"never open":                         {"UTC", map[time.Weekday][]calendar.WallSpan{}, nil, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 0},
		"the end before the beginning":       {"UTC", nil, nil, "2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 0},
		"400 years":                          {"UTC", office, nil, "2000-01-01T00:00:00Z", "2400-01-01T00:00:00Z", 7 * time.Hour * 5 * 20871},
		"before 1970":                        {"UTC", office, nil, "1969-12-28T00:00:00Z", "1970-01-04T00:00:00Z", 35 * time.Hour},
	} {
		b, _ := businessHours(t, c.zone, c.week, c.holidays...)
		if got := b.Length(ms(t, c.from), ms(t, c.to)); got != c.want.Milliseconds() {
			t.Errorf("%s: %v, want %v", name, time.Duration(got)*time.Millisecond, c.want)
		}
	}
}

func TestAHolidayIsADate(t *testing.T) {
	_, err := calendar.NewBusinessHours(calendar.Zone{Location: time.UTC}, calendar.AlwaysOpen, []string{"25.12.2026"})
	if err == nil || err.Error() != `the holiday "25.12.2026" is no date such as 2026-12-25` {
		t.Errorf("%v", err)
	}
}

// Business hours are what somebody counts who looks at the clock every minute.
func TestBusinessHoursAreWhatAWalkMinuteByMinuteCounts(t *testing.T) {
	zones := []string{
		"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago",
		"Africa/Casablanca", "Europe/Dublin", "America/Sao_Paulo", "Antarctica/Troll", "-03:30", "UTC",
	}
	// Moments near which the clocks of one or the other are moved.
	moves := []string{
		"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T05:30:00Z", "2026-11-01T04:30:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z",
		"2011-12-30T10:00:00Z", "2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z", "2018-11-04T03:00:00Z", "2026-02-15T02:00:00Z", "2026-12-31T23:00:00Z", "1969-12-31T23:00:00Z",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		zone := zones[i%len(zones)]
		near := time.UnixMilli(ms(t, moves[r.IntN(len(moves))]))
		week := map[time.Weekday][]calendar.WallSpan{}
		for d := time.Sunday; d <= time.Saturday; d++ {
			cuts := make([]int, 2*r.IntN(3))
			for j := range cuts {
				cuts[j] = []int{0, 60, 90, 120, 121, 150, 180, 600, 1380, 1440, r.IntN(1441)}[r.IntN(11)]
			}
			slices.Sort(cuts)
			for j := 0; j+1 < len(cuts); j += 2 {
				week[d] = append(week[d], calendar.WallSpan{From: cuts[j], To: cuts[j+1]})
			}
		}
		if r.IntN(5) == 0 {
			week = nil
		}
		var holidays []string
		for range r.IntN(3) {
			holidays = append(holidays, near.AddDate(0, 0, r.IntN(5)-2).Format(time.DateOnly))
		}
		b, z := businessHours(t, zone, week, holidays...)
		from := near.Add(-time.Duration(r.IntN(4000)) * time.Minute).UnixMilli()
		to := from + int64(r.IntN(10000))*60_000
		want := int64(0)
		for at := from; at < to; at += 60_000 {
			w := z.Wall(at)
			minute := w.Hour()*60 + w.Minute()
			open := week == nil
			for _, s := range week[w.Weekday()] {
				open = open || s.From <= minute && minute < s.To
			}
			open = open && !slices.Contains(holidays, w.Format(time.DateOnly))
			if b.Open(at) != open {
				t.Fatalf("%s, %v, closed %v: at %s open is %v", zone, week, holidays, w, !open)
			}
			if open {
				want += 60_000
			}
		}
		if got := b.Length(from, to); got != want {
			t.Fatalf("%s, %v, closed %v: from %s for %d minutes %d are open, want %d", zone, week, holidays, z.Wall(from), (to-from)/60_000, got/60_000, want/60_000)
		}
		if mid := from + r.Int64N(to-from+1); b.Length(from, mid)+b.Length(mid, to) != want {
			t.Fatalf("%s, %v, closed %v: cut at %d the parts do not add up", zone, week, holidays, mid)
		}
	}
}

// BenchmarkBusinessHours: twenty years take some microseconds.
func BenchmarkBusinessHours(b *testing.B) {
	h, _ := businessHours(b, "Europe/Berlin", map[time.Weekday][]calendar.WallSpan{time.Monday: {{540, 1020}}}, "2026-12-25")
	for b.Loop() {
		h.Length(1_100_000_000_000, 1_731_000_000_000)
	}
}
