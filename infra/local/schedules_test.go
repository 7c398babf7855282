package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

const scheduled = `
tenants:
  - id: acme
    zone: Europe/Berlin
    schedules:
      - {id: volume, report: comm100/chatVolume, cron: "15 3 * * *", parameters: {group: hour}}
      - {id: rows, report: freshchat/Conversation-Created, rate: 1 day, format: jsonl}
      - {id: chats, report: conversation24/conversations, rate: 12 hours, format: parquet}
`

// The function that the template runs every minute delivers what the tenants file
// declares into the directory that stands for the bucket; once, where the clock stands.
func TestWhatIsDeclaredIsDelivered(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 3, 2, 30, 0, 0, time.UTC)
	data := t.TempDir()
	sys, err := open(t.Context(), options{data: data, now: now}, description, newLog(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sys.close() }()
	file, err := tenantfile.Parse([]byte(scheduled))
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Apply(t.Context(), sys.deps.State, file); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	chat := []event.Event{
		{ID: "1", Source: "test", Type: "chat.requested", Subject: "c1", At: at.UnixMilli(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}},
		{ID: "2", Source: "test", Type: "chat.accepted", Subject: "c1", At: at.Add(time.Minute).UnixMilli(), Data: event.Data{AgentID: "7"}},
	}
	if _, err := journal.New(sys.deps.Journal).Append(t.Context(), "acme", chat, now); err != nil {
		t.Fatal(err)
	}
	var items []table.Item
	for item, err := range sys.deps.Journal.Scan(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	if _, err := fold.New(sys.deps.Journal, sys.deps.State, time.Now).Apply(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	run := sys.functions["ScheduleFunction"]
	for range 2 {
		if err := run.Call(t.Context(), map[string]any{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{}
	err = filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if _, name, ok := strings.Cut(filepath.ToSlash(path), "/schedules/acme/"); ok && err == nil && !d.IsDir() {
			raw, err := os.ReadFile(path)
			files[name] = string(raw)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6 || !strings.Contains(files["volume/2026-03-02/2026-03-02.1.csv"], "1,1,0,0,2026-03-02T10:00:00,2026-03-02T11:00:00") ||
		!strings.Contains(files["rows/2026-03-02/2026-03-02.1.jsonl"], `"conversation_id":"c1"`) ||
		!strings.HasPrefix(files["chats/2026-03-02/2026-03-02T1100Z.1.parquet"], "PAR1") {
		t.Errorf("delivered is %q", files)
	}
}
