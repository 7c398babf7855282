package drift_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// A page is the first of all that match, however many more there are.
func TestAPageOfMany(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme"}, Keys: []tenant.Key{{ID: "k", Secret: "k", Scopes: []string{tenant.ReportsRead}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const chats = 6_000
	var batch []event.Event
	for i := range chats {
		n := (i * 2_711) % chats // in no order
		batch = append(batch, event.Event{
			ID: "r", Source: "s", Type: "chat.requested", Subject: fmt.Sprintf("c%04d", n), At: now.UnixMilli() - int64(chats-n)*60_000,
			Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"},
		})
		if len(batch) == 500 {
			if err := s.Send(batch); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	if err := s.Send(batch); err != nil {
		t.Fatal(err)
	}
	lines, raw := ask(t, s, `{"limit": 3}`)
	if strings.Join(lines, " ") != "c0000: c0001: c0002:" || !strings.Contains(raw, `"cursor"`) {
		t.Errorf("%s", raw)
	}
}
