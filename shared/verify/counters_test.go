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
	for i, got := range v.windows(days) {
		if want := []int{2, 1, 1, 2, 1, 1}; i >= len(want) || len(got) != want[i] {
			t.Fatalf("%d days are compared at once, want %v", len(got), want)
		}
	}
	if got := v.windows(nil); len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("without a day, %v are compared", got)
	}
}
