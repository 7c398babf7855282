package event_test

import (
	"bytes"
	"testing"
	"time"

	"chatreports/events"
	"chatreports/shared/event"
)

// BenchmarkParse reads the events of real chats.
func BenchmarkParse(b *testing.B) {
	raw, err := events.Files.ReadFile("ubuntu-irc/events.ndjson")
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, refusal := event.Parse(lines[i%len(lines)], now); refusal != nil {
			b.Fatal(refusal)
		}
	}
}
