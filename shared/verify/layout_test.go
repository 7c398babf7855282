package verify_test

import (
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// TestARebuildOfDetailByDay: after a rebuild, quarters that are cut know of what
// covers whole days, though no merge had to do with it.
func TestARebuildOfDetailByDay(t *testing.T) {
	s := newSystem(t, start.Add(8*24*time.Hour))
	long := []event.Event{
		{ID: "1", Source: "s", Type: "chat.requested", Subject: "c1", At: start.UnixMilli(), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "x"}},
		{ID: "2", Source: "s", Type: "chat.accepted", Subject: "c1", At: start.UnixMilli(), Data: event.Data{AgentID: "1", DepartmentID: "x"}},
		{ID: "3", Source: "s", Type: "chat.closed", Subject: "c1", At: start.Add(5 * 24 * time.Hour).UnixMilli()},
	}
	if err := apply(s.folder(), s.append(long), 5); err != nil {
		t.Fatal(err)
	}
	s.merge()
	from := start.Add(2*24*time.Hour + time.Minute)
	q := &report.Query{Want: []report.Want{{Measure: measure.ChatTime}}}
	q.Buckets = []report.Bucket{{From: from.UnixMilli(), To: from.Add(5 * time.Minute).UnixMilli()}}
	want := s.total(s.state, q)
	// As merges left it before there was detail by day.
	merged, err := counter.ReadMerged(t.Context(), s.state, acme)
	if err != nil {
		t.Fatal(err)
	}
	value, err := cbor.Marshal(map[int]uint64{1: merged.Merged, 2: merged.Intent})
	if err != nil {
		t.Fatal(err)
	}
	ops := []table.Op{{Item: table.Item{Key: table.Key{Part: "acme/merge", Sort: "-"}, Value: value, Version: 100}}}
	for item, err := range s.state.Scan(t.Context(), acme+"/detail/") {
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, remove(item))
	}
	if err := s.state.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	s.run(optionsOfRebuild, 0)
	if got := s.total(s.state, q); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
