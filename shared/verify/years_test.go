package verify_test

import (
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// TestAChatOfManyYears: a clock that was not set makes a chat that lasts for years.
// It counts as what it says, in a number of records that grows with the days.
func TestAChatOfManyYears(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	const days = 300
	at := func(offset time.Duration) int64 { return start.AddDate(0, 0, -days).Add(offset).UnixMilli() }
	long := []event.Event{
		{ID: "1", Source: "s", Type: "chat.requested", Subject: "c1", At: at(0), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "x"}},
		{ID: "2", Source: "s", Type: "chat.accepted", Subject: "c1", At: at(time.Minute), Data: event.Data{AgentID: "1", DepartmentID: "x"}},
		{ID: "3", Source: "s", Type: "agent.status_changed", Subject: "1", At: at(time.Hour), Data: event.Data{Status: "online"}},
		{ID: "4", Source: "s", Type: "agent.status_changed", Subject: "1", At: start.Add(10 * time.Hour).UnixMilli(), Data: event.Data{Status: "offline"}},
		{ID: "5", Source: "s", Type: "chat.closed", Subject: "c1", At: start.Add(9 * time.Hour).UnixMilli()},
	}
	if err := apply(s.folder(), s.append(long), 5); err != nil {
		t.Fatal(err)
	}
	ask := func() report.Total {
		day := report.Bucket{From: start.Add(time.Minute).UnixMilli(), To: start.Add(24 * time.Hour).UnixMilli()}
		q := report.Query{Buckets: []report.Bucket{day}, Want: []report.Want{{Measure: measure.LinearChatTime}}}
		return *s.result(s.state, &q).At("", 0, 0)
	}
	want := (9*time.Hour - time.Minute).Milliseconds()
	if got := ask().Millis; got != want {
		t.Errorf("before the merge %d, want %d", got, want)
	}
	s.merge()
	details := 0
	for item, err := range s.state.Scan(t.Context(), acme+"/detail/") {
		if err != nil {
			t.Fatal(err, item)
		}
		details++
	}
	if details > days+200 {
		t.Errorf("%d records of detail for %d days", details, days)
	}
	if got := ask().Millis; got != want {
		t.Errorf("after the merge %d, want %d", got, want)
	}
	s.verify()
	// An earlier close was late.
	earlier := event.Event{ID: "6", Source: "s", Type: "chat.closed", Subject: "c1", At: at(48 * time.Hour)}
	if err := apply(s.folder(), s.append([]event.Event{earlier}), 1); err != nil {
		t.Fatal(err)
	}
	s.verify()
	s.merge()
	if got := ask().Millis; got != 0 {
		t.Errorf("after an earlier close %d, want 0", got)
	}
	s.verify()
}
