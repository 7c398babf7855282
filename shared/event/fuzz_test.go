package event_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"chatreports/events"
	"chatreports/shared/event"
)

// FuzzParse: whatever is taken can be written and read again, and is then the
// same; whatever is refused is refused with a code and in words.
func FuzzParse(f *testing.F) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	samples, err := events.Files.ReadDir("samples")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range samples {
		raw, err := events.Files.ReadFile("samples/" + s.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"specversion":"1.0"}`, `{"id":1}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"chat.queued","subject":"c","time":"2026-01-01T00:00:00Z","data":{"routeTo":null}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"conversion.recorded","subject":"v","time":"2026-01-01T00:00:00.9999999+14:00","data":{"actionId":"a","value":-0.000001}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"host.updated","subject":"h","time":"2026-01-01t00:00:00z","data":{"multipleAccId":true}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"chat.labelled","subject":"c","time":"0001-01-01T00:00:00Z","data":{"categoryId":"a","categoryName":"b","by":"auto"}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"agent.updated","subject":"a","time":"9999-12-31T23:59:59Z","data":{"departmentIds":[],"maxConcurrentChats":0}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"chat.wrapped_up","subject":"c","time":"2026-01-01T00:00:00Z","data":{"agentID":null,"fields":[{"fieldId":"1","Options":["<"]},{"fieldId":"2"}],"x":{"a":[1e5]}}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"message.sent","subject":"c","time":"2026-01-01T00:00:00Z","data":{"messageId":"m","length":1.0e2,"actor":{"type":"bot","id":"b","Id":""}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, _, refusal := event.Parse(raw, now)
		if refusal != nil {
			if refusal.Code == "" || refusal.Message == "" || !utf8.ValidString(refusal.Message) {
				t.Fatalf("refused with %+v", refusal)
			}
			return
		}
		again := mustMarshal(t, &e)
		if len(again) > event.MaxBytes {
			return // escaping made it longer than what is taken
		}
		back, _, refusal := event.Parse(again, now)
		if refusal != nil {
			t.Fatalf("%s\nwas taken, but not as\n%s\n%v", raw, again, refusal)
		}
		if !reflect.DeepEqual(e, back) {
			t.Fatalf("%+v\ncame back as\n%+v", e, back)
		}
		if third := mustMarshal(t, &back); !bytes.Equal(again, third) {
			t.Fatalf("%s\nis then\n%s", again, third)
		}
	})
}

func mustMarshal(t *testing.T, e *event.Event) []byte {
	t.Helper()
	raw, err := e.Marshal()
	if err != nil || !json.Valid(raw) {
		t.Fatalf("%+v cannot be written: %v %s", e, err, raw)
	}
	return raw
}
