package extract_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"chatreports/shared/conversation"
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
	for _, types := range [][]string{nil, {"message.sent"}} {
		live := liveSince()
		told := 0
		report := steps
		report.Types = types
		report.Chats = func(w *extract.Window, names extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
			live.note()
			steps.Chats(w, names, c, func(row extract.Row) {
				if told++; told%10_000 == 0 {
					live.note()
				}
				emit(row)
			})
		}
		last, rows := "", 0
		for cells, err := range s.open(math.MinInt64, math.MaxInt64).Run(&report, nil).Rows {
			if err != nil {
				t.Fatal(err)
			}
			if rows > 0 && (len(cells[0]) != len(last) || cells[0] < last) {
				t.Fatalf("%s after %s", cells[0], last)
			}
			last = cells[0]
			if rows++; rows%10_000 == 0 {
				live.note()
			}
		}
		want := messages
		if types == nil {
			want++ // the request
		}
		if rows != want {
			t.Errorf("of types %q there are %d rows, want %d", types, rows, want)
		}
		if live.most > 48<<20 { // read all at once, the events alone would take more
			t.Errorf("of types %q: %d KB are alive", types, live.most>>10)
		}
		t.Logf("of types %q: %d KB alive at most", types, live.most>>10)
	}
}

// alive is how many bytes of memory are in use that were not before, at most.
type alive struct{ before, most int }

func liveSince() *alive { return &alive{before: inUse()} }

func (a *alive) note() { a.most = max(a.most, inUse()-a.before) }

// inUse is what is left when everything that nobody holds is collected.
func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
