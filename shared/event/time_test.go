package event_test

import (
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

func TestTimesAreRFC3339(t *testing.T) {
	const with = `{"specversion":"1.0","id":"1","source":"s","type":"chat.abandoned","subject":"c","time":"TIME"}`
	for text, ok := range map[string]bool{
		"2026-03-01T09:30:00Z": true, "2026-03-01t09:30:00z": true, "2026-03-01T09:30:00.123456789+23:59": true, "2024-02-29T00:00:00-00:00": true,
		"2026-03-01T9:30:00Z": false, "2026-03-01T09:30:00": false, "2026-03-01 09:30:00Z": false, "2026-03-01T09:30:00,5Z": false, "2026-03-01T09:30Z": false,
		"2026-02-29T00:00:00Z": false, "2026-03-01T24:00:00Z": false, "2026-03-01T09:30:60Z": false, "2026-03-01T09:30:00+24:00": false, "2026-03-01T09:30:00+0100": false, "2026-03-01": false,
	} {
		_, _, refusal := event.Parse([]byte(strings.Replace(with, "TIME", text, 1)), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		if (refusal == nil) != ok {
			t.Errorf("%s: %v", text, refusal)
		}
		if refusal != nil && (refusal.Code != event.CodeInvalidValue || refusal.Field != "time") {
			t.Errorf("%s: %+v", text, refusal)
		}
		wellFormed := strings.HasPrefix(text, "2026-02-29") || strings.HasPrefix(text, "2026-03-01T24") || strings.HasSuffix(text, ":60Z")
		if refusal != nil && wellFormed != strings.Contains(refusal.Message, "there is no such day or time") {
			t.Errorf("%s: %s", text, refusal.Message)
		}
	}
}

// An answer must not grow with what callers send: many refusals make one answer.
func TestARefusalIsShortWhateverIsSent(t *testing.T) {
	long := strings.Repeat("ü", 100_000)
	for _, raw := range []string{
		`{"id":"` + long + `"}`, `{"id":"` + long + `","specversion":"1.0","source":"s","type":"chat.left","subject":"c","time":"2026-03-01T09:30:00Z"}`,
		`{"id":"i","specversion":"` + long + `","source":"s","type":"chat.left","subject":"c","time":"2026-03-01T09:30:00Z"}`,
	} {
		_, _, refusal := event.Parse([]byte(raw), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		if refusal == nil || len(refusal.ID)+len(refusal.Message) > 500 || refusal.ID == "" {
			t.Errorf("%.40s: %.500v", raw, refusal)
		}
	}
}

// Two ids of which each is half of a pair would both be read as U+FFFD.
func TestHalfOfASurrogatePairIsNoId(t *testing.T) {
	const with = `{"specversion":"1.0","id":"ID","source":"s","type":"chat.abandoned","subject":"c","time":"2026-03-01T09:30:00Z"}`
	for id, want := range map[string]string{
		`a`: "a", `\ud83d\ude00`: "😀", `\uD83D\uDE00x`: "😀x", `\ufffd`: "\ufffd", `\\ud800`: `\ud800`, `\"\\`: `"\`,
		`\ud800`: "", `\udc00`: "", `x\ud83d`: "", `\ud83d\ud83d\ude00`: "", `\ude00\ud83d`: "", `\\\uD800n`: "", `\ud83dn\ude00`: "",
	} {
		e, _, refusal := event.Parse([]byte(strings.Replace(with, "ID", id, 1)), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		if e.ID != want || (refusal == nil) != (want != "") {
			t.Errorf("%s: %q, %v", id, e.ID, refusal)
		}
		if refusal != nil && (refusal.Code != event.CodeInvalidValue || refusal.Field != "id") {
			t.Errorf("%s: %+v", id, refusal)
		}
	}
}
