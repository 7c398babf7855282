package backlog_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/backlog"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// What is sent is beyond the blocks until it is merged, and is counted so long after it was
// stored as the clocks say.
func TestHowFarItIsCounted(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	events, state := db.Table("journal"), db.Table("state")
	read := func() backlog.Standing {
		t.Helper()
		s, err := backlog.Read(t.Context(), events, state, "acme")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := read(); s != (backlog.Standing{}) {
		t.Errorf("before anything came: %+v", s)
	}
	send := func(n int, kind, subject string, stored, committed time.Time) {
		t.Helper()
		e, _, refused := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"%d","source":"t","type":%q,"subject":%q,"time":"2026-03-02T11:00:%02dZ","data":%s}`,
			n, kind, subject, n, map[string]string{
				"chat.requested": `{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}`, "chat.accepted": `{"agentId":"7"}`, "agent.status_changed": `{"status":"online"}`,
			}[kind]), noon)
		if refused != nil {
			t.Fatal(refused)
		}
		outcomes, err := journal.New(events).Append(t.Context(), "acme", []event.Event{e}, stored)
		if err != nil || len(outcomes) != 1 {
			t.Fatal(outcomes, err)
		}
		apply(t, events, state, committed, e.ID)
	}
	send(1, "chat.requested", "c", noon, noon.Add(1500*time.Millisecond))
	s := read()
	if s.Commits != 1 || s.Bytes == 0 || !s.Since.Equal(noon.Add(1500*time.Millisecond)) || !s.Newest.Equal(s.Since) || !s.Traced || s.Lag != 1500*time.Millisecond {
		t.Errorf("after one event: %+v", s)
	}
	send(2, "chat.accepted", "c", noon.Add(time.Minute), noon.Add(time.Minute+700*time.Millisecond))
	send(3, "agent.status_changed", "7", noon.Add(2*time.Minute), noon.Add(2*time.Minute+300*time.Millisecond))
	if s = read(); s.Commits < 3 || !s.Since.Equal(noon.Add(1500*time.Millisecond)) || !s.Newest.Equal(noon.Add(2*time.Minute+300*time.Millisecond)) || s.Lag != 300*time.Millisecond {
		t.Errorf("after three: %+v", s)
	}
	if err := counter.Merge(t.Context(), state, "acme"); err != nil {
		t.Fatal(err)
	}
	if s = read(); s.Commits != 0 || s.Bytes != 0 || !s.Since.IsZero() || !s.Newest.Equal(noon.Add(2*time.Minute+300*time.Millisecond)) || s.Lag != 300*time.Millisecond {
		t.Errorf("merged: %+v", s)
	}
	// A clock that is behind, or stands still, says nothing.
	send(4, "agent.status_changed", "8", noon.Add(time.Hour), noon.Add(3*time.Minute))
	if s = read(); s.Commits == 0 || s.Traced {
		t.Errorf("counted before it was stored: %+v", s)
	}
}

// apply folds the event of an id.
func apply(t *testing.T, events, state table.Table, now time.Time, id string) {
	t.Helper()
	for item, err := range events.Scan(context.Background(), "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		rec, err := journal.Decode(item)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Event.ID != id {
			continue
		}
		failed, err := fold.New(events, state, func() time.Time { return now }).Apply(t.Context(), []table.Item{item})
		if err != nil || failed[0] != nil {
			t.Fatal(failed, err)
		}
	}
}
