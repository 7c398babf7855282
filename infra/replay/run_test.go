package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/infra/storage"
	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/function"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verify"
)

// sick is the fact of a chat that cannot be read.
var sick = facts.Key(journal.Entity{Tenant: "acme", Kind: "chat", ID: "b"}, facts.Whole)

// system is a local system's directory with three chats folded, but for the one whose fact
// cannot be read: its event is set aside.
func system(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	feed, state, at := db.FeedTable(names[function.JournalTable]), db.Table(names[function.StateTable]), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var es []event.Event
	for _, c := range []string{"a", "b", "c"} {
		es = append(es, event.Event{
			ID: "r-" + c, Source: "test", Type: "chat.requested", Subject: c, At: at.UnixMilli(),
			Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"},
		})
	}
	if _, err := journal.New(feed).Append(t.Context(), "acme", es, at); err != nil {
		t.Fatal(err)
	}
	if err := state.Write(t.Context(), table.Op{Item: table.Item{Key: sick, Version: 1, Value: []byte("nonsense")}}); err != nil {
		t.Fatal(err)
	}
	changes, err := feed.Next(t.Context(), "0", 10)
	if err != nil {
		t.Fatal(err)
	}
	var e events.DynamoDBEvent
	for _, c := range changes {
		e.Records = append(e.Records, events.DynamoDBEventRecord{EventID: c.Sequence, EventName: "INSERT", Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: at}, SequenceNumber: c.Sequence, NewImage: dynamo.ToImage(c.Item),
		}})
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := storage.Failures(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := function.Deps{Journal: feed, State: state, Failures: failures, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	if _, err := function.Fold(d).Invoke(t.Context(), payload); err != nil {
		t.Fatal(err)
	}
	if err := feed.Acknowledge(t.Context(), "0", changes[2].Sequence); err != nil {
		t.Fatal(err)
	}
	return dir
}

// different is how many differences verify finds.
func different(t *testing.T, dir string) int {
	t.Helper()
	journal, state, done, err := storage.Tables(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	r, err := verify.Run(t.Context(), journal, state, verify.Options{Tenant: "acme", Tries: 1, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return len(r.Differences)
}

var key = regexp.MustCompile(`fold/2026/03/02/\d+\.json`)

func TestWhatWasSetAsideIsCountedOnceItCanBe(t *testing.T) {
	dir := system(t)
	replays := func(code int, want string, flags ...string) {
		t.Helper()
		var out, errOut bytes.Buffer
		if got := run(context.Background(), append(flags, "--data", dir), nil, &out, &errOut); got != code {
			t.Errorf("it exits with %d, want %d: %s%s", got, code, &out, &errOut)
		}
		if got := key.ReplaceAllString(out.String(), "KEY"); got != want {
			t.Errorf("it says\n%swant\n%s", got, want)
		}
	}
	const event = "KEY: acme/chat/b 8000019cadc69a80/test/r-b\n"
	replays(0, event+"1 records in 1 files lie there; 0 files stay\n", "--dry-run")
	replays(1, `KEY stays: acme/chat/b 8000019cadc69a80/test/r-b: the fact at "acme/fact/chat/b" "-" cannot be read: unexpected EOF`+"\n0 records in 0 files are counted; 1 files stay\n")
	if different(t, dir) == 0 {
		t.Error("the chat is counted before it can be")
	}
	_, state, done, err := storage.Tables(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Write(t.Context(), table.Op{Verb: table.Delete, Item: table.Item{Key: sick}}); err != nil {
		t.Fatal(err)
	}
	done()
	replays(0, event+"1 records in 1 files are counted; 0 files stay\n")
	if n := different(t, dir); n != 0 {
		t.Errorf("%d differences are left", n)
	}
	replays(0, "0 records in 0 files are counted; 0 files stay\n")
}

func TestMistakesAreTold(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "there is neither --data nor $FAILURE_BUCKET, $JOURNAL_TABLE, $STATE_TABLE in the environment"},
		{[]string{"x"}, `"x" is not a flag`},
		{[]string{"--data", t.TempDir()}, "is no data directory of the local system"},
	} {
		var errOut bytes.Buffer
		if code := run(context.Background(), c.args, func(string) string { return "" }, &errOut, &errOut); code != 2 || !strings.Contains(errOut.String(), c.want) {
			t.Errorf("%q: exit code %d, %s", c.args, code, fmt.Sprint(&errOut))
		}
	}
}
