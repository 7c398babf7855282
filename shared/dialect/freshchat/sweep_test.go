package freshchat_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/scenario"
	"chatreports/shared/tenant"
)

// Events without sense give the rows that a second computation gives.
func TestRowsAreThoseOfTheReference(t *testing.T) {
	office := tenant.Tenant{
		ID: "t", Zone: "Europe/Berlin", BusinessHours: tenant.Week{"sat": {{From: 9 * 60, To: 15*60 + 7}}, "sun": {{From: 2*60 + 30, To: 20 * 60}}},
		Holidays: []string{"2024-10-28"}, Links: tenant.Links{Conversation: "https://x.example/?c={chatId}"},
	}
	rows := map[string]int{}
	for seed := range uint64(40) {
		events := crowded(seed)
		reference := oracle.New(oracle.Tenant{
			ID: "t", Zone: "Europe/Berlin", BusinessHours: map[string][][2]int{"sat": {{9 * 60, 15*60 + 7}}, "sun": {{2*60 + 30, 20 * 60}}},
			Holidays: []string{"2024-10-28"}, ConversationLink: "https://x.example/?c={chatId}",
		}, events)
		g := happened(&scenario.Scenario{Now: oracle.AfterAny, Tenant: office, Events: slices.Clone(events)})
		for _, report := range freshchat.Reports() {
			for _, w := range [][2]string{{"2000-01-01T00:00:00Z", "2030-01-01T00:00:00Z"}, {"2024-10-26T12:03:04.5Z", "2024-10-27T13:10:00Z"}} {
				name := report.Name + " " + w[0] + " " + w[1]
				from, _ := time.Parse(time.RFC3339, w[0])
				to, _ := time.Parse(time.RFC3339, w[1])
				got, want := g.told(t, name), reference.Freshchat(report.Name, from, to, oracle.AfterAny)
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("seed %d, %s: %s", seed, name, difference(got, want))
				}
				rows[report.Name] += len(got) - 1
			}
		}
	}
	for _, report := range freshchat.Reports() {
		if rows[report.Name] < 200 {
			t.Errorf("only %d rows of %s", rows[report.Name], report.Name)
		}
	}
}

func difference(got, want [][]string) string {
	for i := range min(len(got), len(want)) {
		if !slices.Equal(got[i], want[i]) {
			return fmt.Sprintf("row %d of %d is\n%q, want\n%q, of %d\n%q", i, len(got), got[i], want[i], len(want), got[0])
		}
	}
	return fmt.Sprintf("%d rows, want %d", len(got), len(want))
}

// crowded are events without sense, many of each chat and at the same moments, none of
// them taken back.
func crowded(seed uint64) []event.Event {
	events := slices.DeleteFunc(oracle.AnyEvents(seed, 900), func(e event.Event) bool { return e.Type == event.Retracted })
	for i := range events {
		e := &events[i]
		e.ID = fmt.Sprintf("%02x-%d", i*7919%256, i) // each its own, in no order
		if kind, _ := e.Entity(); kind == "chat" && e.Type != "conversion.recorded" {
			e.Subject = "c " + e.Subject[len(e.Subject)-1:]
			e.At -= e.At % 82_000
			switch e.Type { // more of what rows tell
			case "survey.submitted", "chat.wrapped_up", "chat.queued", "chat.scored", "chat.missed", "chat.abandoned":
				e.Type, e.Data = "message.sent", event.Data{MessageID: e.ID, Actor: &event.Actor{Type: []string{"user", "agent"}[i%2], ID: fmt.Sprint(i % 3)}}
			}
		}
	}
	return events
}
