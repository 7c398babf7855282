package calendar_test

import (
	"strings"
	"testing"
	"time"

	"chatreports/shared/calendar"
)

func TestWhatIsNoZoneSaysWhatWouldBeOne(t *testing.T) {
	for text, want := range map[string]string{
		"Local":                    `"Local" is neither an offset such as +08:00 nor an IANA zone such as Europe/Berlin`,
		"localtime":                `"localtime" is neither an offset such as`,
		"posixrules":               `"posixrules" is neither an offset such as`,
		"Factory":                  `"Factory" is neither an offset such as`,
		"right/Europe/Berlin":      `"right/Europe/Berlin" is neither an offset such as`,
		"posix/Europe/Berlin":      `"posix/Europe/Berlin" is neither an offset such as`,
		"Europe":                   `"Europe" is neither an offset such as`,
		"Europe/Berlin ":           `"Europe/Berlin " is no IANA zone; Europe/Berlin was probably meant`,
		"Berlin":                   `"Berlin" is no IANA zone; Europe/Berlin was probably meant`,
		"new york":                 `"new york" is no IANA zone; America/New_York was probably meant`,
		"/":                        `"/" is neither an offset such as`,
		"zone.tab":                 `"zone.tab" is neither an offset such as`,
		"../etc":                   `"../etc" is neither an offset such as`,
		"europe/berlin":            `"europe/berlin" is no IANA zone; Europe/Berlin was probably meant`,
		"8":                        `"8" is neither an offset such as`,
		"+8:00":                    `"+8:00" is no offset such as +08:00, below 24 hours`,
		"-24:00":                   `"-24:00" is no offset such as +08:00, below 24 hours`,
		strings.Repeat("A/", 1000): `…" is neither`,
	} {
		if _, err := calendar.ParseZone(text); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 200 {
			t.Errorf("%.20s: %v, want %s", text, err, want)
		}
	}
}

func TestWhatIsNoWallTimeSaysWhy(t *testing.T) {
	zone := calendar.Zone{Location: time.UTC}
	for text, want := range map[string]string{
		"2026-02-29T00:00:00":     `"2026-02-29T00:00:00" is no day and time that exists`,
		"2026-13-01T00:00:00":     "is no day and time that exists",
		"2026-01-01T24:00:00":     "is no day and time that exists",
		"2026-01-01":              `"2026-01-01" is not of the form yyyy-MM-ddTHH:mm:ss`,
		"2026-01-01T00:00:00Z":    "is not of the form",
		"2026-01-01T00:00:00.000": "is not of the form",
		"2026-01-01 00:00:00":     "is not of the form",
		"2026-1-1T00:00:00":       "is not of the form",
	} {
		if _, err := zone.ParseWall(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if at, err := zone.ParseWall("2024-02-29T00:00:00"); err != nil || at.Day() != 29 {
		t.Errorf("a leap day is %v, %v", at, err)
	}
}
