package conversation24

import (
	"cmp"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/calendar"
)

// The hour of a moment begins where the zone's clocks show a full hour, or where they are
// moved; the day where they show midnight, or the first time after.
func TestTheHourOfAMoment(t *testing.T) {
	for _, c := range []struct{ zone, at, hour, day string }{
		{"UTC", "2026-03-01T23:59:59.999Z", "2026-03-01T23:00:00Z", "2026-03-01T00:00:00Z"},
		{"Asia/Kathmandu", "2026-03-01T18:14:59.999Z", "2026-03-01T17:15:00Z", "2026-02-28T18:15:00Z"},
		{"Asia/Kathmandu", "2026-03-01T18:15:00Z", "2026-03-01T18:15:00Z", "2026-03-01T18:15:00Z"},
		// On Lord Howe Island clocks go back from 02:00 to 01:30, and forward from 02:00 to 02:30.
		{"Australia/Lord_Howe", "2026-04-04T14:59:00Z", "2026-04-04T14:00:00Z", "2026-04-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T15:00:00Z", "2026-04-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z", "2026-04-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T15:45:00Z", "2026-10-03T15:30:00Z", "2026-10-03T13:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T16:00:00Z", "2026-10-03T16:00:00Z", "2026-10-03T13:30:00Z"},
		// In Beirut the day of the change begins at 01:00.
		{"Asia/Beirut", "2026-03-28T22:30:00Z", "2026-03-28T22:00:00Z", "2026-03-28T22:00:00Z"},
		{"America/St_Johns", "1930-06-01T12:00:00Z", "1930-06-01T11:30:52Z", "1930-06-01T02:30:52Z"},
	} {
		zone, err := calendar.ParseZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		h := hours{zone: zone}
		for range 2 { // found, and remembered
			if got := time.UnixMilli(h.of(at.UnixMilli()).From).UTC().Format(time.RFC3339); got != c.hour {
				t.Errorf("%s in %s: the hour begins at %s, want %s", c.at, c.zone, got, c.hour)
			}
		}
		if got := dayOf(zone, at.UnixMilli()).UTC().Format(time.RFC3339); got != c.day {
			t.Errorf("%s in %s: the day begins at %s, want %s", c.at, c.zone, got, c.day)
		}
	}
}

// However many days are counted, no more is kept than the hour that a day's midnight cuts, and
// what is given as hours end is in order and all that there is.
func TestATallyKeepsOnlyTheHourThatGoesOn(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"} {
		zone, err := calendar.ParseZone(name)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 1))
		tally := &tally[int]{hours: hours{zone: zone}, counted: map[place]*int{}}
		all := hours{zone: zone}
		want := map[place]int{}
		var got []place
		counted := 0
		take := func(by int64) {
			for p, n := range tally.over(by) {
				got = append(got, p)
				if counted += n; n != want[p] {
					t.Errorf("%s: %d at %v, want %d", name, n, p, want[p])
				}
			}
		}
		first := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC).UnixMilli()
		for day := range int64(12) {
			midnight := first + day*dayMillis
			take(midnight)
			for p := range tally.counted {
				if p.hour != all.of(midnight).From {
					t.Fatalf("%s: at %d %v is still kept", name, midnight, p)
				}
			}
			for range 500 {
				ms := midnight + r.Int64N(dayMillis)
				campaign, id := string(rune('a'+r.IntN(2))), string(rune('a'+r.IntN(3)))
				*tally.at(ms, campaign, id)++
				want[place{all.of(ms).From, campaign, id}]++
			}
		}
		take(math.MaxInt64)
		if counted != 12*500 || len(got) != len(want) || len(tally.counted) != 0 {
			t.Errorf("%s: %d in %d places, want %d in %d; %d are left", name, counted, len(got), 12*500, len(want), len(tally.counted))
		}
		for i := 1; i < len(got); i++ {
			if a, b := got[i-1], got[i]; cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.id, b.id)) >= 0 {
				t.Errorf("%s: %v after %v", name, b, a)
			}
		}
	}
}
