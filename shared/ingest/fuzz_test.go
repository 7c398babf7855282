package ingest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"chatreports/shared/event"
)

// FuzzDecode: whatever comes, a body is cut into at most as many events as are
// taken, or refused with a status of the contract; what is cut is ready to parse.
func FuzzDecode(f *testing.F) {
	const one = `{"specversion":"1.0","id":"a","source":"s","type":"chat.abandoned","subject":"c","time":"2026-03-01T11:00:00Z"}`
	for _, contentType := range []string{typeStructured, typeBatch, typeLines, typeJSON, "text/plain", "a/b;;"} {
		for _, body := range []string{"", one, "[" + one + "]", one + "\n" + one, "[", "{}", "null", "[1,null]", "\xff"} {
			f.Add(contentType, "", "", []byte(body))
			f.Add(contentType, "gzip", "1.0", []byte(body))
		}
	}
	f.Add(typeJSON, "", `"%41\"`, []byte(`{"a":1}`))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, contentType, encoding, version string, body []byte) {
		header := http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}}
		if version != "" {
			header["Ce-Specversion"] = []string{version}
		}
		events, problem := decode(header, bytes.NewReader(body))
		if problem != nil {
			switch problem.Status {
			case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			default:
				t.Fatalf("status %d", problem.Status)
			}
			if problem.Code == "" || problem.Detail == "" || events != nil {
				t.Fatalf("problem %+v with %d events", problem, len(events))
			}
			return
		}
		if len(events) > MaxEvents {
			t.Fatalf("%d events", len(events))
		}
		for _, e := range events {
			if e.refusal != nil {
				continue
			}
			if _, _, refusal := event.Parse(e.json, now); refusal == nil && !json.Valid(e.json) {
				t.Fatalf("taken although it is no JSON: %q", e.json)
			}
		}
	})
}
