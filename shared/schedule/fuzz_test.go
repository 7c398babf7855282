package schedule_test

import (
	"testing"
	"time"

	"chatreports/shared/schedule"
	"chatreports/shared/tenant"
)

// FuzzCron: whatever is taken for a cron expression has a next run, later each time.
func FuzzCron(f *testing.F) {
	for _, s := range []string{
		"* * * * *", "15 3 * * *", "*/7 1-5,9 1,15 jan-mar mon", "0 0 29 2 *", "0 0 l * *", "0 0 * * 5#2", "0 0 15w * *", "? ? ? ? ?", "*/0 * * * *", "5-1 * * * *",
		"0 0 31 2 *", "60 * * * *", "* * * * 7", "-1 * * * *", "1/2 * * * *", ", * * * *", "1- * * * *", "@daily", "* * * * * *", "#", "0 0 * * 1#9", "0 0 * * 5l",
	} {
		f.Add(s, int64(1_767_225_600))
	}
	zone := zoneOf(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, cron string, from int64) {
		timing, err := schedule.TimingOf(&tenant.Schedule{ID: "s", Cron: cron}, zone)
		if err != nil || from < 0 || from > 1<<32 {
			return
		}
		at := time.Unix(from, 0)
		for range 3 {
			next, err := timing.Next(at)
			if err != nil {
				return
			}
			if !next.After(at) {
				t.Fatalf("%q after %s runs at %s", cron, at, next)
			}
			at = next
		}
	})
}
