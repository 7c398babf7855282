package verify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// TestARebuildWhileAFolderRuns: what a running process knows from a record that was
// damaged does not outlive the rebuild that mends it.
func TestARebuildWhileAFolderRuns(t *testing.T) {
	ctx := context.Background()
	for chunk := range 10 {
		for name, damage := range map[string]func(table.Item) table.Op{"removed": remove, "spoilt": spoil} {
			s := newSystem(t, start.Add(24*time.Hour))
			n := 0
			send := func(f interface {
				Apply(context.Context, []table.Item) ([]error, error)
			}, source string, events ...event.Event,
			) {
				t.Helper()
				for i := range events {
					n++
					events[i].ID, events[i].Source = fmt.Sprint(n), source
				}
				var items []table.Item
				for _, item := range s.append(events) {
					if e := table.Split(item.Sort); e[1] == source {
						items = append(items, item)
					}
				}
				if _, err := f.Apply(ctx, items); err != nil {
					t.Fatal(err)
				}
			}
			at := func(h float64) int64 { return start.Add(time.Duration(h * float64(time.Hour))).UnixMilli() }
			chat := func(id string, from float64) []event.Event {
				return []event.Event{
					{Type: "chat.requested", Subject: id, At: at(from), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "sales"}},
					{Type: "chat.accepted", Subject: id, At: at(from + .1), Data: event.Data{AgentID: "a"}},
				}
			}
			send(s.folder(), "1", append(chat("c1", 9), event.Event{Type: "agent.status_changed", Subject: "a", At: at(8), Data: event.Data{Status: "online"}})...)
			s.merge()
			items, err := s.state.Get(ctx, table.Key{Part: "acme/open", Sort: fmt.Sprint(chunk)})
			if err != nil {
				t.Fatal(err)
			}
			if items[0].Version == 0 {
				continue
			}
			if err := s.state.Write(ctx, damage(items[0])); err != nil {
				t.Fatal(err)
			}
			f := s.folder()
			send(f, "2", chat("c2", 9.5)...)
			s.run(optionsOfRebuild, 0)
			send(f, "3", event.Event{Type: "chat.closed", Subject: "c2", At: at(10), Data: event.Data{By: &event.Actor{Type: "system"}}})
			send(f, "4", event.Event{Type: "agent.status_changed", Subject: "a", At: at(11), Data: event.Data{Status: "offline"}})
			t.Run(fmt.Sprint(chunk, name), func(t *testing.T) {
				s.t = t
				s.merge()
				s.verify()
			})
		}
	}
}
