package fold_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// noise is text that does not compress.
func noise(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('!' + rand.IntN(90))
	}
	return string(b)
}

func open(t *testing.T) *embedded.DB {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func feed(t *testing.T, db *embedded.DB, events ...event.Event) []table.Item {
	t.Helper()
	ctx := context.Background()
	j := db.FeedTable("journal")
	if _, err := journal.New(j).Append(ctx, "acme", events, time.Now()); err != nil {
		t.Fatal(err)
	}
	changes, err := j.Next(ctx, "0", 1000)
	if err != nil {
		t.Fatal(err)
	}
	items := make([]table.Item, len(changes))
	for i := range changes {
		items[i] = changes[i].Item
	}
	return items
}

func request(chat string, at int64) event.Event {
	return event.Event{
		ID: "r-" + chat, Source: "test", Type: "chat.requested", Subject: chat, At: at,
		Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"},
	}
}

// A chat whose fact would not fit into a record is told apart, whatever stands
// beside it in the batch, and keeps nothing from being folded.
func TestAnEntityTooLargeIsPoisonAlone(t *testing.T) {
	db := open(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixMilli()
	var events []event.Event
	for i := range 20 {
		events = append(events, request(fmt.Sprintf("c%d", i), at))
	}
	for i := range 2 {
		events = append(events, event.Event{
			ID: fmt.Sprintf("s%d", i), Source: "test", Type: "survey.submitted", Subject: "c7", At: at + 1 + int64(i),
			Data: event.Data{Kind: "postchat", Fields: []event.Answer{{FieldID: "f", Options: []string{noise(230_000)}}}},
		})
	}
	items := feed(t, db, events...)
	state := db.Table("state")
	failed, err := fold.New(db.Table("journal"), state, time.Now).Apply(context.Background(), items)
	if err != nil {
		t.Fatal(err)
	}
	for i, item := range items {
		rec, err := journal.Decode(item)
		if err != nil {
			t.Fatal(err)
		}
		if bad := rec.Entity.ID == "c7"; bad != (failed[i] != nil) {
			t.Errorf("%s of %s: %v", rec.Event.Type, rec.Entity.ID, failed[i])
		}
		got, err := state.Get(context.Background(), facts.Key(rec.Entity, "-"))
		if err != nil {
			t.Fatal(err)
		}
		if folded := got[0].Version > 0; folded == (rec.Entity.ID == "c7") {
			t.Errorf("%s: folded %v", rec.Entity.ID, folded)
		}
	}
}

// An item that is no event fails by itself.
func TestAnItemThatCannotBeReadIsPoisonAlone(t *testing.T) {
	db := open(t)
	items := feed(t, db, request("c1", 1000), request("c2", 1000))
	items[0].Value = []byte("nonsense")
	failed, err := fold.New(db.Table("journal"), db.Table("state"), time.Now).Apply(context.Background(), items)
	if err != nil || failed[0] == nil || failed[1] != nil {
		t.Fatalf("failed %v, error %v", failed, err)
	}
}

// A folder that slept for longer than items of the log are kept does not take their
// numbers again.
func TestALogNumberIsNotTakenAgain(t *testing.T) {
	db := open(t)
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	state := db.Table("state")
	sleeper := fold.New(db.Table("journal"), state, func() time.Time { return now })
	other := fold.New(db.Table("journal"), state, func() time.Time { return now })
	first := feed(t, db, request("c1", now.UnixMilli()), request("c2", now.UnixMilli()), request("c3", now.UnixMilli()))
	for i, f := range []*fold.Folder{sleeper, other} {
		if _, err := f.Apply(ctx, first[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := counter.Merge(ctx, state, "acme"); err != nil {
		t.Fatal(err)
	}
	for item, err := range state.Query(ctx, table.Range{Part: "acme/log"}) {
		if err != nil {
			t.Fatal(err)
		}
		if err := state.Write(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}}); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(36 * 24 * time.Hour)
	if _, err := sleeper.Apply(ctx, first[2:]); err != nil {
		t.Fatal(err)
	}
	seq, _, _, err := counter.End(ctx, state, "acme")
	if err != nil || seq != 3 {
		t.Fatalf("the log ends at %d, error %v", seq, err)
	}
}

// An agent that was announced by an event whose id turns out to be another's is not
// announced.
func TestAnAgentAnnouncedByARepeatIsNot(t *testing.T) {
	db := open(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixMilli()
	name := "Ann"
	items := feed(t, db,
		event.Event{ID: "1", Source: "test", Type: "agent.status_changed", Subject: "a", At: at, Data: event.Data{Status: "online"}},
		event.Event{ID: "1", Source: "test", Type: "agent.updated", Subject: "a", At: at + 1000, Data: event.Data{FirstName: &name}},
	)
	f := fold.New(db.Table("journal"), db.Table("state"), time.Now)
	entries := func() int {
		list, err := facts.Entries(context.Background(), db.Table("state"), "acme", "agent")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for i, want := range []int{1, 0} {
		if _, err := f.Apply(context.Background(), items[1-i:2-i]); err != nil {
			t.Fatal(err)
		}
		if got := entries(); got != want {
			t.Errorf("after %s: %d entries, want %d", []string{"the repeat", "both"}[i], got, want)
		}
	}
}
