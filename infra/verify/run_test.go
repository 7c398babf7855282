package main

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/storage"
	"chatreports/infra/verify/running"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verified"
	"chatreports/shared/verify"
)

// folded is a data directory with half a day of a small contact centre, and a key
// of one of its facts.
func folded(t *testing.T) (dir string, state string, key table.Key) {
	t.Helper()
	dir = t.TempDir()
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 3, Start: begin, End: begin.Add(11 * time.Hour), Scale: 0.02, Agents: 3}).Events() {
		events = append(events, e)
	}
	j, st := db.Table(names[function.JournalTable]), db.Table(names[function.StateTable])
	if _, err := journal.New(j).Append(ctx, "acme", events, begin); err != nil {
		t.Fatal(err)
	}
	var items []table.Item
	for item, err := range j.Scan(ctx, "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
		if strings.HasPrefix(item.Part, "acme/chat/") {
			key = table.Key{Part: "acme/fact/chat/" + table.Split(item.Part)[2], Sort: "-"}
		}
	}
	if _, err := fold.New(j, st, time.Now).Apply(ctx, items); err != nil {
		t.Fatal(err)
	}
	return dir, names[function.StateTable], key
}

func command(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, func(string) string { return "" }, &o, &e)
	return code, o.String(), e.String()
}

func TestVerifyFindsAndRebuildsADeletedFact(t *testing.T) {
	dir, state, key := folded(t)
	args := []string{"--tenant", "acme", "--data", dir, "--wait", "1ms"}
	code, out, errOut := command(t, args...)
	if code != 0 || errOut != "" || !strings.HasPrefix(out, "verified tenant acme: ") || !strings.HasSuffix(out, " blocks, 0 differences\n") {
		t.Fatalf("exit %d, %q, %q", code, out, errOut)
	}
	kept := func(differences map[string]int, mended int) {
		t.Helper()
		db, err := embedded.Open(dir, embedded.NoSync)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		r, err := verified.Last(t.Context(), db.Table(state), "acme")
		if err != nil || r == nil || !maps.Equal(r.Differences, differences) || r.Mended != mended || r.Facts == 0 || time.Since(r.At) > time.Hour {
			t.Errorf("kept is %+v, %v", r, err)
		}
	}
	kept(nil, 0)
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Table(state).Write(t.Context(), table.Op{Verb: table.Delete, Item: table.Item{Key: key}}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if code, out, _ = command(t, args...); code != 1 || !strings.Contains(out, "fact chat/"+table.Split(key.Part)[3]+"/-: there is none") {
		t.Fatalf("exit %d, %q", code, out)
	}
	kept(map[string]int{"fact": 1}, 0)
	if code, out, _ = command(t, append(args, "--rebuild")...); code != 0 || !strings.Contains(out, "mended: fact") {
		t.Fatalf("exit %d, %q", code, out)
	}
	kept(nil, strings.Count(out, "mended: "))
	if code, out, _ = command(t, append(args, "--from", "2026-03-02", "--to", "2026-03-03")...); code != 0 {
		t.Fatalf("exit %d, %q", code, out)
	}
}

func TestTheExitCodeSaysWhatWasFound(t *testing.T) {
	wrong := []verify.Difference{{What: "fact"}}
	for want, r := range map[int]verify.Report{0: {Facts: 1}, 1: {Differences: wrong, Behind: 1}, 3: {Facts: 1, Behind: 1}} {
		if got := exitCode(&r); got != want {
			t.Errorf("%+v exits with %d, want %d", r, got, want)
		}
	}
}

// What a killed system had not folded yet is said before anything is compared.
func TestEventsNotFoldedYetAreSaid(t *testing.T) {
	dir, _, _ := folded(t)
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	visit := event.Event{ID: "late", Source: "test", Type: "visit.started", Subject: "v", At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()}
	if _, err := journal.New(db.FeedTable(names[function.JournalTable])).Append(t.Context(), "acme", []event.Event{visit}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := command(t, "--data", dir, "--tenant", "acme", "--wait", "1ms")
	if code != 1 || out != "" || !strings.Contains(errOut, "holds 1 events that are stored and not counted yet") || !strings.Contains(errOut, "start it once (go run ./infra/local --data "+dir+")") {
		t.Errorf("%d\n%s%s", code, out, errOut)
	}
}

func TestARunningSystemIsAsked(t *testing.T) {
	dir, state, key := folded(t)
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() {
		served <- running.Serve(ctx, dir, db.Table(names[function.JournalTable]), db.Table(names[function.StateTable]), nil)
	}()
	for range 100 {
		if _, err := os.Stat(filepath.Join(dir, "verify.sock")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	args := []string{"--tenant", "acme", "--data", dir, "--wait", "1ms"}
	if code, out, errOut := command(t, args...); code != 0 || !strings.HasSuffix(out, " 0 differences\n") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	if err := db.Table(state).Write(t.Context(), table.Op{Verb: table.Delete, Item: table.Item{Key: key}}); err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := command(t, args...); code != 1 || !strings.Contains(out, "fact chat/") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestMistakesAreExplainedInOneLine(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, embedded.FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for want, args := range map[string][]string{
		"--tenant is missing":   {"--data", dir},
		`--from is "yesterday"`: {"--tenant", "acme", "--from", "yesterday"},
		"is not before":         {"--tenant", "acme", "--from", "2026-01-02", "--to", "2026-01-02"},
		"there is neither --data nor $JOURNAL_TABLE, $STATE_TABLE in the environment": {"--tenant", "acme"},
		"is no data directory":               {"--tenant", "acme", "--data", t.TempDir()},
		"is in use by a process that cannot": {"--tenant", "acme", "--data", dir},
		`"acme" is not a flag`:               {"acme"},
	} {
		code, out, errOut := command(t, args...)
		if code != 2 || out != "" || !strings.Contains(errOut, want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errOut)
		}
	}
}
