package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"chatreports/infra/storage"
	"chatreports/shared/event"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

// directory is a data directory with a tenant that has a key and an event, which is folded
// or waits to be.
func directory(t *testing.T, folded bool) string {
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
	feed, state, at := db.FeedTable(names[function.JournalTable]), db.Table(names[function.StateTable]), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	e := event.Event{ID: "r", Source: "test", Type: "chat.requested", Subject: "c", At: at.UnixMilli(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}}
	if _, err := journal.New(feed).Append(t.Context(), "acme", []event.Event{e}, at); err != nil {
		t.Fatal(err)
	}
	if err := tenant.Put(t.Context(), state, tenant.Entry{Tenant: tenant.Tenant{ID: "acme"}, Keys: []tenant.Key{{ID: "k", Secret: "s3cret"}}}); err != nil {
		t.Fatal(err)
	}
	if err := state.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: "logs", Sort: "acme"}, Version: 1, Value: []byte{1}}}); err != nil {
		t.Fatal(err)
	}
	if folded {
		changes, err := feed.Next(t.Context(), "0", 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := feed.Acknowledge(t.Context(), "0", changes[0].Sequence); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// erases runs the program and gives what it says, and its audit line without its time.
func erases(t *testing.T, code int, args ...string) (said string, audit map[string]any) {
	t.Helper()
	var out, errOut bytes.Buffer
	if got := run(t.Context(), args, func(string) string { return "" }, &out, &errOut); got != code {
		t.Errorf("%q exits with %d, want %d: %s", args, got, code, &errOut)
	}
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &audit); err != nil {
			t.Fatalf("the audit line is %s: %v", &out, err)
		}
		delete(audit, "time")
	}
	return errOut.String(), audit
}

func TestATenantIsErasedAndALineSaysSo(t *testing.T) {
	dir := directory(t, true)
	for _, c := range []struct{ flags, says, counts string }{
		{"--dry-run", "would be erased (--dry-run): 1 journal records, 1 keys, 1 state records\n", `{"journal records":1,"keys":1,"state records":1}`},
		{"--confirm acme", "erased: 1 journal records, 1 keys, 1 state records\n", `{"journal records":1,"keys":1,"state records":1}`},
		{"--confirm acme", "nothing is stored of a tenant \"acme\"\n", `null`},
	} {
		said, audit := erases(t, 0, append(strings.Fields(c.flags), "--tenant", "acme", "--everything", "--by", "ann", "--data", dir)...)
		counts, err := json.Marshal(audit["counts"])
		if err != nil {
			t.Fatal(err)
		}
		delete(audit, "counts")
		line, err := json.Marshal(audit)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"by":"ann","complete":true,"dryRun":false,"level":"INFO","msg":"erased","tenant":"acme","what":"tenant"}`
		if c.flags == "--dry-run" {
			want = `{"by":"ann","complete":false,"dryRun":true,"level":"INFO","msg":"counted, and not erased","tenant":"acme","what":"tenant"}`
		}
		if said != c.says || string(counts) != c.counts || string(line) != want {
			t.Errorf("%s: it says %s%s %s\nwant %s%s %s", c.flags, said, line, counts, c.says, want, c.counts)
		}
	}
	journal, state, done, err := storage.Undivided(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, tab := range []table.Table{journal, state} {
		for item, err := range tab.Scan(t.Context(), "") {
			t.Errorf("%q %q is left, %v", item.Part, item.Sort, err)
		}
	}
}

// delivered puts a job and its file into a data directory.
func delivered(t *testing.T, dir string) {
	t.Helper()
	_, state, done, err := storage.Undivided(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if err := state.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: table.Join("acme", "job"), Sort: "1"}, Version: 1, Value: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	objects, err := storage.Objects(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := object.Put(t.Context(), objects, job.Objects+"acme/1", func(w io.Writer) error { _, err := io.WriteString(w, "v"); return err }); err != nil {
		t.Fatal(err)
	}
}

func TestAVisitorIsErasedAndTheLineDoesNotNameIt(t *testing.T) {
	dir := directory(t, true)
	delivered(t, dir)
	for _, c := range []struct{ flags, says string }{
		{"--dry-run", "would be written anew under another name: 1 journal records, and counters that name the visitor; would be deleted: 1 files, 1 job records (--dry-run)\n"},
		{"--confirm v", "written anew under another name: 1 journal records; deleted: 1 files, 1 job records\n"},
		{"--confirm v", "no event of tenant \"acme\" names a visitor \"v\"\n"},
		{"--dry-run", "no event of tenant \"acme\" names a visitor \"v\" (--dry-run)\n"},
	} {
		said, audit := erases(t, 0, append(strings.Fields(c.flags), "--tenant", "acme", "--visitor", "v", "--by", "ann", "--data", dir)...)
		if !strings.HasPrefix(said, c.says) || audit["what"] != "visitor" || audit["visitor"] != nil || audit["complete"] != (c.flags != "--dry-run") {
			t.Errorf("%s: it says %s%v", c.flags, said, audit)
		}
	}
	table, state, done, err := storage.Tables(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if n, err := table.(embedded.FeedTable).Pending(t.Context()); n != 0 || err != nil {
		t.Errorf("%d changes wait to be folded, %v", n, err)
	}
	h, err := journal.New(table).Read(t.Context(), journal.Entity{Tenant: "acme", Kind: "chat", ID: "c"}, math.MinInt64, math.MaxInt64)
	if err != nil || len(h.Events) != 1 || !strings.HasPrefix(h.Events[0].Data.VisitorID, "erased-") {
		t.Errorf("the journal has %+v, %v", h.Events, err)
	}
	r, err := verify.Run(t.Context(), table, state, verify.Options{Tenant: "acme", Tries: 1, Wait: time.Millisecond})
	if err != nil || len(r.Differences) > 0 || r.Facts != 1 {
		t.Errorf("verify finds %+v, %v", r, err)
	}
}

func TestMistakesAreTold(t *testing.T) {
	waiting, used := directory(t, false), t.TempDir()
	db, err := embedded.Open(used)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const whole = "--tenant acme --everything --confirm acme"
	for _, c := range []struct{ args, want string }{
		{"", "--tenant is missing"},
		{"x --tenant acme", `"x" is not a flag`},
		{"--tenant acme", "there should be either --everything, which means the whole tenant, or --visitor"},
		{"--tenant acme --everything --visitor v", "there should be either --everything"},
		{"--tenant acme --visitor v --confirm acme", `--confirm is "acme"; it should be the id once more, "v", or there should be --dry-run`},
		{"--tenant acme --everything", `--confirm is ""; it should be the id once more, "acme", or there should be --dry-run`},
		{"--tenant acme --everything --confirm acne", `--confirm is "acne"`},
		{"--tenant link --everything --confirm link", `--tenant is "link", which no tenant can be called`},
		{whole, "there is neither --data nor $OBJECT_BUCKET, $FAILURE_BUCKET, $JOURNAL_TABLE, $STATE_TABLE in the environment"},
		{whole + " --data " + t.TempDir(), "is no data directory of the local system"},
		{whole + " --data " + used, "is in use by a local system: stop it first"},
		{whole + " --data " + waiting, "holds 1 events that are stored and not counted yet"},
	} {
		if said, audit := erases(t, 2, strings.Fields(c.args)...); !strings.Contains(said, c.want) || audit != nil {
			t.Errorf("%q: it says %s, and to the audit log %v", c.args, said, audit)
		}
	}
}
