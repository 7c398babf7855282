package verify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// TestManyLongChatsEndAtOnce: what follows from a commit may be much more than what
// it changes itself, and more than fits into one transaction.
func TestManyLongChatsEndAtOnce(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	var events []event.Event
	source := "s"
	add := func(kind, subject string, at time.Duration, d event.Data) {
		events = append(events, event.Event{ID: fmt.Sprint(len(events)), Source: source, Type: kind, Subject: subject, At: start.Add(at).UnixMilli(), Data: d})
	}
	const chats, stays = 90, 350
	for i := range chats {
		chat, agent := fmt.Sprint("c", i), fmt.Sprint("a", i)
		add("chat.requested", chat, time.Second, event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "sales"})
		add("chat.accepted", chat, 2*time.Second, event.Data{AgentID: agent})
		for n := range stays {
			at := time.Minute + time.Duration(n)*4*time.Minute
			add("agent.status_changed", agent, at, event.Data{Status: "online"})
			add("agent.status_changed", agent, at+time.Minute, event.Data{Status: "offline"})
		}
	}
	f := s.folder()
	if err := apply(f, s.append(events), 5000); err != nil {
		t.Fatal(err)
	}
	events, source = nil, "t" // the chats were closed long before, as it turns out
	for i := range chats {
		add("chat.closed", fmt.Sprint("c", i), 10*time.Second, event.Data{By: &event.Actor{Type: "system"}})
	}
	var items []table.Item
	for _, item := range s.append(events) {
		if strings.Contains(item.Sort, "/t/") {
			items = append(items, item)
		}
	}
	if err := apply(f, items, chats); err != nil {
		t.Fatal(err)
	}
	s.verify()
}
