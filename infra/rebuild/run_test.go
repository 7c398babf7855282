package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"chatreports/infra/storage"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// directory is a data directory in which a few chats are counted.
func directory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	feed := db.FeedTable(names[function.JournalTable])
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixMilli()
	var events []event.Event
	for _, chat := range []string{"a", "b", "c"} {
		events = append(events, event.Event{
			ID: "r-" + chat, Source: "test", Type: "chat.requested", Subject: chat, At: at,
			Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"},
		})
	}
	if _, err := journal.New(feed).Append(t.Context(), "acme", events, time.Now()); err != nil {
		t.Fatal(err)
	}
	changes, err := feed.Next(t.Context(), "0", 10)
	if err != nil {
		t.Fatal(err)
	}
	items := make([]table.Item, len(changes))
	for i := range changes {
		items[i] = changes[i].Item
	}
	if _, err := fold.New(feed, table.Divide(db.Table(names[function.StateTable])), time.Now).Apply(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAGenerationIsBuiltAndServes(t *testing.T) {
	dir := directory(t)
	version := fmt.Sprintf("version %d of the measures", measure.Current.Number)
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"list", 0, "generation 0, " + version + ": serves"},
		{"swap 1", 1, "there is no generation 1"},
		{"build", 0, "generation 1 can serve: rebuild --tenant acme swap 1"},
		{"list", 0, "generation 1, " + version + ": verified"},
		{"swap 1", 0, "generation 1 serves"},
		{"list", 0, "generation 1, " + version + ": serves"},
		{"delete 1", 1, "generation 1 is the one that serves"},
		{"delete 0", 1, "reports may still be reading it"},
		{"verify 0", 0, "generation 0 can serve"},
		{"swap 0", 0, "generation 0 serves"},
		{"", 2, "a command is missing"},
		{"mend", 2, "there is no command"},
		{"swap", 2, "the number of a generation"},
		{"swap one", 2, "is no number"},
		{"list 1", 2, "takes no"},
	} {
		var out, errOut bytes.Buffer
		args := append([]string{"--data", dir, "--tenant", "acme"}, strings.Fields(c.args)...)
		code := run(t.Context(), args, func(string) string { return "" }, &out, &errOut)
		if text := out.String() + errOut.String(); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%s: exit code %d, %q; want %d, and %q", c.args, code, text, c.code, c.says)
		}
	}
}
