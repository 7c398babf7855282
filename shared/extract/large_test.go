package extract_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/fold"
)

// A chat of 50,000 messages on two days is told, in order and in little memory.
func TestAChatOfManyMessagesIsTold(t *testing.T) {
	messages := 50_000
	if testing.Short() {
		messages = 10_000
	}
	start := time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)
	s := newSystem(t, start.Add(24*time.Hour))
	events := []event.Event{{ID: "r", Source: "s", Type: "chat.requested", Subject: "c", At: start.UnixMilli(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}}}
	for i := range messages {
		who := &event.Actor{Type: "user", ID: "v", Name: "Vera"}
		if i%2 == 1 {
			who = &event.Actor{Type: "agent", ID: "a", Name: "Ann"}
		}
		events = append(events, event.Event{
			ID: fmt.Sprint(i), Source: "s", Type: "message.sent", Subject: "c", At: start.UnixMilli() + int64(i)*400,
			Data: event.Data{MessageID: fmt.Sprint("m", i), Actor: who, Length: 5},
		})
	}
	items := s.append(events)
	failed, err := fold.New(s.journal, s.state, func() time.Time { return s.now }).Apply(t.Context(), items)
	if err != nil || failed[0] != nil {
		t.Fatal(err, failed[0])
	}
	defer extract.SetMostBytes(extract.SetMostBytes(1 << 20))
	runtime.GC()
	var last string
	var most uint64
	rows := 0
	for cells, err := range s.open(math.MinInt64, math.MaxInt64).Run(&steps, nil).Rows {
		if err != nil {
			t.Fatal(err)
		}
		if rows > 0 && (len(cells[0]) != len(last) || cells[0] < last) {
			t.Fatalf("%s after %s", cells[0], last)
		}
		last = cells[0]
		if rows++; rows%5000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	if rows != messages+1 {
		t.Errorf("%d rows", rows)
	}
	if most > 300<<20 {
		t.Errorf("%d MB in use", most>>20)
	}
	t.Logf("%d MB in use at most", most>>20)
}
