package calendar_test

import (
	"testing"
	"time"

	"chatreports/shared/calendar"
)

func FuzzParseZone(f *testing.F) {
	for _, s := range []string{"", "+08:00", "-03:30", " 05:45", "+23:59", "+24:00", "-00:00", "8", "Local", "UTC", "Europe/Berlin", "Australia/Lord_Howe", "../etc", "Europe/", "+8:00", "+08:60", "Etc/GMT+14"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z, err := calendar.ParseZone(s)
		if err != nil {
			if len(err.Error()) == 0 {
				t.Fatal("refused without a word")
			}
			return
		}
		again, err := calendar.ParseZone(z.String())
		if err != nil {
			t.Fatalf("%q was taken, but not as %q: %v", s, z.String(), err)
		}
		for _, at := range []int64{0, 1711846800000, 1729990800000, 1775000000000} {
			wall, other := z.Wall(at), again.Wall(at)
			if wall.Format(calendar.WallLayout) != other.Format(calendar.WallLayout) {
				t.Fatalf("%q is %s, and then %s", s, wall, other)
			}
			if _, offset := wall.Zone(); offset <= -86400 || offset >= 86400 {
				t.Fatalf("%q is %d seconds off", s, offset)
			}
		}
	})
}

// FuzzParseWall: an instant shows the wall time it was read from, and is the first
// that does; where no instant does, it is by the offset in force before the gap.
func FuzzParseWall(f *testing.F) {
	for _, s := range [][2]string{
		{"Europe/Berlin", "2026-03-29T02:30:00"},
		{"Europe/Berlin", "2026-10-25T02:30:00"},
		{"Europe/Berlin", "2026-10-25T03:00:00"},
		{"Australia/Lord_Howe", "2026-04-05T01:45:00"},
		{"Australia/Lord_Howe", "2026-10-04T02:15:00"},
		{"Pacific/Apia", "2011-12-30T12:00:00"},
		{"Asia/Kathmandu", "1985-12-31T23:50:00"},
		{"-03:30", "0000-01-01T00:00:00"},
		{"+05:45", "9999-12-31T23:59:59"},
		{"America/St_Johns", "1988-04-03T00:30:00"},
		{"Europe/Berlin", "2040-12-31T12:00:00"},
		{"America/Santiago", "2400-12-31T23:59:59"},
		{"Africa/Monrovia", "1972-01-07T00:30:00"},
		{"", "2026-02-30T00:00:00"},
		{"", "2026-2-3T0:0:0"},
		{"", "2026-02-03T00:00:00Z"},
		{"", "2026-02-03T24:00:00"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, zone, s string) {
		z, err := calendar.ParseZone(zone)
		if err != nil {
			return
		}
		at, err := z.ParseWall(s)
		if err != nil {
			return
		}
		wall, err := time.Parse(calendar.WallLayout, s)
		if err != nil {
			t.Fatalf("%q was taken", s)
		}
		// All offsets in force within two days around the reading.
		shows := map[int64]bool{}
		first, skipping := time.Time{}, time.Time{}
		_, before := wall.Add(-48 * time.Hour).In(z.Location).Zone()
		for o := range offsets(z, wall) {
			if c := wall.Add(-time.Duration(o) * time.Second); c.In(z.Location).Format(calendar.WallLayout) == s {
				shows[c.Unix()] = true
				if first.IsZero() || c.Before(first) {
					first = c
				}
			}
		}
		if len(shows) > 0 {
			if !at.Equal(first) {
				t.Fatalf("%s in %q is %s, but %s shows it first", s, zone, at.UTC(), first)
			}
			return
		}
		// Nobody sees it: a change of offset skips it.
		for t0 := wall.Add(-48 * time.Hour); t0.Before(wall.Add(48 * time.Hour)); {
			end := calendar.Lasts(t0.In(z.Location))
			if end.IsZero() {
				break
			}
			_, o := end.Add(-time.Nanosecond).In(z.Location).Zone()
			if _, after := end.In(z.Location).Zone(); !wall.Add(-time.Duration(o)*time.Second).Before(end) && wall.Add(-time.Duration(after)*time.Second).Before(end) {
				skipping, before = end, o
				break
			}
			t0 = end
		}
		if skipping.IsZero() {
			t.Fatalf("%s in %q is nowhere", s, zone)
		}
		if want := wall.Add(-time.Duration(before) * time.Second); !at.Equal(want) {
			t.Fatalf("%s in %q is %s, want %s by the offset before", s, zone, at.UTC(), want)
		}
	})
}

func offsets(z calendar.Zone, wall time.Time) map[int]bool {
	out := map[int]bool{}
	for t := wall.Add(-48 * time.Hour); ; {
		_, o := t.In(z.Location).Zone()
		out[o] = true
		end := calendar.Lasts(t.In(z.Location))
		if end.IsZero() || end.After(wall.Add(48*time.Hour)) {
			return out
		}
		t = end
	}
}

// FuzzBuckets: buckets lie end to end and cover the range, and each ends where the
// wall clock shows a boundary, the offset changes or the range ends.
func FuzzBuckets(f *testing.F) {
	for _, z := range []string{"Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "-03:30", "America/Santiago"} {
		f.Add(z, byte(0), int64(1774652400), int64(90000), byte(0))
		f.Add(z, byte(1), int64(1325203200), int64(200000), byte(1))
		f.Add(z, byte(3), int64(1729893600), int64(5000000), byte(1))
		f.Add(z, byte(4), int64(1711803600), int64(50000000), byte(0))
	}
	f.Fuzz(func(t *testing.T, zone string, period byte, from, length int64, weekStart byte) {
		z, err := calendar.ParseZone(zone)
		if err != nil || from < -1<<36 || from > 1<<37 || length <= 0 || length > 400*86400 {
			return
		}
		p, monday := calendar.Period(period%6), time.Weekday(weekStart%7)
		begin := time.Unix(from, 0)
		end := begin.Add(time.Duration(length) * time.Second)
		at := begin.UnixMilli()
		buckets := z.Buckets(p, begin, end, monday)
		for i, b := range buckets {
			if b.From != at || b.To <= b.From {
				t.Fatalf("bucket %d is [%d, %d) after %d", i, b.From, b.To, at)
			}
			at = b.To
			if i == len(buckets)-1 {
				continue
			}
			w := z.Wall(b.To)
			_, offset := w.Zone()
			_, before := z.Wall(b.To - 1).Zone()
			midnight := w.Hour() == 0 && w.Minute() == 0 && w.Second() == 0
			onBoundary := map[calendar.Period]bool{
				calendar.Hour: w.Minute() == 0 && w.Second() == 0, calendar.HalfHour: w.Minute()%30 == 0 && w.Second() == 0, calendar.Day: midnight,
				calendar.Week: midnight && w.Weekday() == monday, calendar.Month: midnight && w.Day() == 1, calendar.Year: midnight && w.YearDay() == 1,
			}[p]
			if !onBoundary && offset == before {
				t.Fatalf("%s: bucket %d ends at %s", zone, i, w)
			}
		}
		if at != end.UnixMilli() {
			t.Fatalf("the buckets end at %d, want %d", at, end.UnixMilli())
		}
	})
}
