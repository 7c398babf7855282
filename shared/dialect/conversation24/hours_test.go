package conversation24

import (
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
		if got := h.day(at.UnixMilli()).UTC().Format(time.RFC3339); got != c.day {
			t.Errorf("%s in %s: the day begins at %s, want %s", c.at, c.zone, got, c.day)
		}
	}
}
