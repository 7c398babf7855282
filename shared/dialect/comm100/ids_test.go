package comm100

import (
	"slices"
	"testing"
)

func TestDecimalIDsComeFirstByValue(t *testing.T) {
	ids := []string{"b", "10", "9", "007", "7", "a", "12345678901234567890", "0", "Z", "1a", "-1"}
	slices.SortFunc(ids, compareIDs)
	want := []string{"0", "007", "7", "9", "10", "12345678901234567890", "-1", "1a", "Z", "a", "b"}
	if !slices.Equal(ids, want) {
		t.Errorf("%q, want %q", ids, want)
	}
}

func TestOnlyCanonicalDecimalsAreJSONNumbers(t *testing.T) {
	for id, want := range map[string]any{
		"0": int64(0), "7": int64(7), "123456789012345": int64(123456789012345),
		"1234567890123456": "1234567890123456", "007": "007", "-1": "-1", "": "", "1.0": "1.0", "٣": "٣",
	} {
		if got := number(id); got != want {
			t.Errorf("%q is %#v, want %#v", id, got, want)
		}
	}
}
