package rfc3339_test

import (
	"errors"
	"testing"

	"chatreports/shared/rfc3339"
)

func TestAMomentIsReadToTheMillisecond(t *testing.T) {
	for text, want := range map[string]int64{
		"2026-03-01T09:00:00Z":                1772355600000,
		"2026-03-01t09:00:00z":                1772355600000,
		"2026-03-01T10:00:00.250999999+01:00": 1772355600250,
		"2026-03-01T09:00:00-00:00":           1772355600000,
		"2026-03-02T08:59:00+23:59":           1772355600000,
	} {
		if at, err := rfc3339.Parse(text); err != nil || at.UnixMilli() != want {
			t.Errorf("%s is %v, %v", text, at, err)
		}
	}
}

func TestWhatIsNoMoment(t *testing.T) {
	for text, want := range map[string]error{
		"":                            rfc3339.ErrForm,
		"2026-03-01":                  rfc3339.ErrForm,
		"2026-03-01T09:00:00":         rfc3339.ErrForm,
		"2026-03-01T09:00Z":           rfc3339.ErrForm,
		"2026-03-01 09:00:00Z":        rfc3339.ErrForm,
		" 2026-03-01T09:00:00Z":       rfc3339.ErrForm,
		"2026-3-1T09:00:00Z":          rfc3339.ErrForm,
		"2026-03-01T9:00:00Z":         rfc3339.ErrForm,
		"2026-03-01T09:00:00,5Z":      rfc3339.ErrForm,
		"2026-03-01T09:00:00.Z":       rfc3339.ErrForm,
		"2026-03-01T09:00:00+0100":    rfc3339.ErrForm,
		"2026-03-01T09:00:00+1:00":    rfc3339.ErrForm,
		"2026-03-01T09:00:00+24:00":   rfc3339.ErrForm,
		"2026-03-01T09:00:00+01:60":   rfc3339.ErrForm,
		"2026-03-01T09:00:00Z\n":      rfc3339.ErrForm,
		"2026-02-29T09:00:00Z":        rfc3339.ErrNone,
		"2026-03-01T24:00:00Z":        rfc3339.ErrNone,
		"2026-03-01T23:59:60Z":        rfc3339.ErrNone,
		"2026-13-01T09:00:00.5+01:00": rfc3339.ErrNone,
	} {
		if at, err := rfc3339.Parse(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want %v", text, at, err, want)
		}
	}
}
