package verify

import (
	"testing"

	"chatreports/shared/cell"
)

// However much a tenant has, no more is held in memory at once than a few records of
// counters, or a day of them.
func TestDaysAreComparedTogetherAsLongAsTheyAreSmall(t *testing.T) {
	sizes := []int{windowBytes / 2, windowBytes / 2, 1, 3 * windowBytes, 0, 0, windowBytes, 5}
	v := verifier{Options: Options{Days: 2}, days: map[cell.Day]int{}}
	var days []cell.Day
	for i, size := range sizes {
		days = append(days, cell.Day(i*cell.DayMillis))
		v.days[days[i]] = size
	}
	for _, want := range []int{2, 1, 1, 2, 1, 1, 0} {
		n := v.atOnce(days)
		if n != want {
			t.Fatalf("%d of %d days are compared at once, want %d", n, len(days), want)
		}
		days = days[n:]
	}
}
