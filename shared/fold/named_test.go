package fold_test

import (
	"fmt"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/table"
)

// What changes nothing that is counted is named in the log, by a difference of nothing
// that a merge leaves out.
func TestAFactThatChangesInNothingCountedIsNamed(t *testing.T) {
	db := open(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixMilli()
	state := db.Table("state")
	folder := fold.New(db.Table("journal"), state, time.Now)
	apply := func(events ...event.Event) (log []cell.LogItem) {
		t.Helper()
		end, _, _, err := counter.End(t.Context(), state, "acme")
		if err != nil {
			t.Fatal(err)
		}
		if failed, err := folder.Apply(t.Context(), feed(t, db, events...)); err != nil {
			t.Fatal(failed, err)
		}
		for item, err := range counter.Since(t.Context(), state, "acme", end) {
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, item)
		}
		return log
	}
	by := &event.Actor{Type: "agent", ID: "7"}
	apply(
		request("c", at),
		event.Event{ID: "s", Source: "test", Type: "agent.status_changed", Subject: "7", At: at, Data: event.Data{Status: "online"}},
		event.Event{ID: "a", Source: "test", Type: "chat.accepted", Subject: "c", At: at + 1000, Data: event.Data{AgentID: "7"}},
		event.Event{ID: "m", Source: "test", Type: "chat.closed", Subject: "c", At: at + 5000, Data: event.Data{By: by}},
	)
	for name, e := range map[string]event.Event{
		"chat/c/-":           {ID: "l", Source: "test", Type: "chat.blocked", Subject: "c", At: at + 4000, Data: event.Data{Reason: "spam"}},
		"agent/7/2026-03-01": {ID: "t", Source: "test", Type: "agent.auto_assign_changed", Subject: "7", At: at + 3000, Data: event.Data{Enabled: true}},
	} {
		log := apply(e)
		if len(log) != 1 || len(log[0].Diffs) != 1 || log[0].Diffs[0].Fact != name || log[0].Diffs[0].N != 0 {
			t.Errorf("of %s the log says %+v", e.Type, log)
		}
	}
	before := details(t, state)
	if err := counter.Merge(t.Context(), state, "acme"); err != nil {
		t.Fatal(err)
	}
	merged := details(t, state)
	if apply(event.Event{ID: "u", Source: "test", Type: "chat.blocked", Subject: "c", At: at + 4500, Data: event.Data{Reason: "spam"}}); merged == before {
		t.Error("nothing was merged")
	}
	if err := counter.Merge(t.Context(), state, "acme"); err != nil {
		t.Fatal(err)
	}
	if again := details(t, state); again != merged {
		t.Errorf("a merge of nothing leaves\n%s, before\n%s", again, merged)
	}
}

// details lists the records of detail.
func details(t *testing.T, state table.Table) (out string) {
	t.Helper()
	for item, err := range state.Scan(t.Context(), "acme/detail/") {
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintln(item.Part, item.Sort)
	}
	return out
}
