package verify_test

import (
	"slices"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/document"
	"chatreports/shared/event"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/verify"
)

// What is known of documents' times may be missing, as an earlier version left it, and
// then all is read; a rebuild finds it anew. Where it is wrong, verify says so and a
// rebuild mends it.
func TestTheTimesOfDocumentsAreFoundAnew(t *testing.T) {
	now := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, now)
	at := func(typ, chat string, day int) event.Event {
		return event.Event{ID: chat + typ, Source: "s", Type: typ, Subject: chat, At: now.AddDate(0, 0, -day).UnixMilli(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor", By: &event.Actor{Type: "agent", ID: "1"}}}
	}
	if err := apply(s.folder(), s.append([]event.Event{
		at("chat.requested", "a", 50), at("chat.closed", "a", 49), at("chat.requested", "b", 20), at("chat.closed", "b", 2), at("chat.requested", "c", 10),
	}), 1000); err != nil {
		t.Fatal(err)
	}
	s.merge()
	// closed counts the documents that are read for those closed in the last days.
	closed := func() (read int) {
		t.Helper()
		snapshot, err := report.Open(t.Context(), s.state, acme, now)
		if err != nil {
			t.Fatal(err)
		}
		b := document.Unbounded()
		b[document.FirstClose] = document.Span{From: now.AddDate(0, 0, -4).UnixMilli(), To: now.UnixMilli()}
		found := false
		if err := snapshot.Documents(&b, 1<<20, func(key string) error {
			var d document.Document
			read++
			found = found || d.Decode(key) == nil && d.ID == "b"
			return nil
		}); err != nil || !found {
			t.Errorf("the chat closed two days ago is not found, %v", err)
		}
		return read
	}
	if n := closed(); n != 1 {
		t.Errorf("%d documents are read", n)
	}
	merged, err := counter.ReadMerged(t.Context(), s.state, acme)
	if err != nil || merged.Documents == nil {
		t.Fatal(merged, err)
	}
	known := *merged.Documents
	merged.Documents = nil
	if again, err := counter.PutMerged(t.Context(), s.state, acme, &merged); again || err != nil {
		t.Fatal(again, err)
	}
	if n := closed(); n != 3 {
		t.Errorf("%d documents are read where nothing is known", n)
	}
	s.verify()
	s.run(verify.Options{Tenant: acme, Rebuild: true, Days: 1}, 0)
	if n := closed(); n != 1 {
		t.Errorf("%d documents are read after a rebuild", n)
	}
	merged, err = counter.ReadMerged(t.Context(), s.state, acme)
	if err != nil || merged.Documents == nil || len(merged.Documents.Unknown) > 0 || len(merged.Documents.Lags) != len(known.Lags) {
		t.Fatal(merged, err)
	}
	for i, l := range merged.Documents.Lags {
		if k := known.Lags[i]; l.First != k.First || l.Last != k.Last || !slices.Equal(l.Hours, k.Hours) {
			t.Errorf("%v after a rebuild, %v before", l, k)
		}
	}
	clear(merged.Documents.Lags[1].Hours)
	if again, err := counter.PutMerged(t.Context(), s.state, acme, &merged); again || err != nil {
		t.Fatal(again, err)
	}
	s.run(verify.Options{Tenant: acme}, 2)
	s.run(verify.Options{Tenant: acme, Rebuild: true}, 0)
	if n := closed(); n != 1 {
		t.Errorf("%d documents are read after what was wrong was mended", n)
	}
}

// TestDocumentsOfWhichSomeAreHeld: where a block of documents is wrong, or what is held of
// them is lost, verify says so, and a rebuild mends it.
func TestDocumentsOfWhichSomeAreHeld(t *testing.T) {
	now := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	for name, spoil := range map[string]func(*system, *cell.Merged){
		"a block is lost": func(s *system, _ *cell.Merged) {
			for item, err := range s.state.Scan(t.Context(), table.Join(acme, "block", "kd")+"/") {
				if err == nil {
					err = s.state.Write(t.Context(), table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}})
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		},
		"what is held is lost, and the log of it": func(s *system, m *cell.Merged) {
			ops := []table.Op{{Verb: table.Delete, Item: table.Item{Key: m.Held[0].HeldKey(acme)}}}
			for seq := uint64(1); seq <= m.Merged; seq++ {
				ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: cell.LogKey(acme, seq)}})
			}
			if _, err := s.state.PutEach(t.Context(), ops...); err != nil {
				t.Fatal(err)
			}
		},
	} {
		s := newSystem(t, now)
		folder, fresh := s.folder(), s.fresh()
		say := func(typ, chat string) {
			t.Helper()
			e := event.Event{ID: chat + typ, Source: "s", Type: typ, Subject: chat, At: now.UnixMilli(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor", By: &event.Actor{Type: "agent", ID: "1"}}}
			if err := apply(folder, fresh(e), 1); err != nil {
				t.Fatal(err)
			}
		}
		say("chat.requested", "in a block")
		s.merge()
		say("chat.requested", "held")
		s.mergeStep()
		say("chat.closed", "in a block")
		s.shorten()
		say("chat.requested", "in the log")
		m, err := counter.ReadMerged(t.Context(), s.state, acme)
		if err != nil || len(m.Held) != 2 || m.HeldTo() <= m.Merged || len(m.Bundles) != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		s.verify()
		spoil(s, &m)
		s.run(verify.Options{}, -1)
		s.run(verify.Options{Rebuild: true}, 0)
		snapshot, err := report.Open(t.Context(), s.state, acme, now)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		all := document.Unbounded()
		if err := snapshot.Documents(&all, 1<<20, func(key string) error {
			var d document.Document
			err := d.Decode(key)
			told = append(told, d.ID+" "+d.Status.String())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(told)
		if want := []string{"held pending", "in a block closed", "in the log pending"}; !slices.Equal(told, want) {
			t.Errorf("%s: there are %q, want %q", name, told, want)
		}
	}
}
