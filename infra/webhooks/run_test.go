package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/infra/storage"
	"chatreports/infra/verify/running"
	"chatreports/shared/function"
	"chatreports/shared/object/directory"
	"chatreports/shared/payload"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// data is a data directory in which four deliveries of two webhooks are kept, on two days.
func data(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := directory.Open(storage.Files(dir), time.Now, directory.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range [][2]string{
		{"dr", `{"type":"new_message","token":"","data":{"id":900,"conversationId":123,"body":"hi","author":{"id":7,"type":"contact"},"createdAt":1772442000000}}`},
		{"dr", `{"type":"button_action","token":"","data":{}}`},
		{"dr", `no JSON`},
		{"cm", `{"event":"away","operator_id":12}`},
	} {
		p := payload.Payload{Tenant: "acme", Webhook: d[0], Provider: map[string]string{"dr": "drift", "cm": "comm100"}[d[0]], Body: []byte(d[1])}
		p.Arrived = time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		if err := payload.Keep(t.Context(), files, 30, &p); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func command(t *testing.T, line string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), strings.Fields(line), func(string) string { return "" }, &o, &e)
	return code, o.String(), e.String()
}

// records is how many events the journal of a data directory holds.
func records(t *testing.T, dir string) (n int) {
	t.Helper()
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range db.Table(names[function.JournalTable]).Scan(t.Context(), "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestWhatIsKeptIsListed(t *testing.T) {
	dir := data(t)
	db, err := embedded.Open(dir, embedded.NoSync) // as by a system that runs
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for line, want := range map[string]string{
		"list --tenant acme --from 2026-03-01 --to 2026-03-04":              "day         webhook  deliveries  bytes\n2026-03-02  dr       2           232\n2026-03-03  cm       1           56\n2026-03-03  dr       1           27\n",
		"list --tenant acme --webhook dr --from 2026-03-03 --to 2026-03-04": "day         webhook  deliveries  bytes\n2026-03-03  dr       1           27\n",
		"list --tenant acm --from 2026-03-01 --to 2026-03-04":               "day  webhook  deliveries  bytes\n",
	} {
		if code, out, errOut := command(t, line+" --data "+dir); code != 0 || out != want || errOut != "" {
			t.Errorf("%s: %d\n%s%s\nwant\n%s", line, code, out, errOut, want)
		}
	}
}

const replayed = `deliveries         3
  "button_action"  1  no event follows from it
  "new_message"    1
  not understood   1  payloads/30d/acme/2026-03-03/dr/000000.000-29ecbeb830e32446
  damaged          0
`

func TestWhatIsKeptIsReplayed(t *testing.T) {
	dir := data(t)
	line := "replay --tenant acme --webhook dr --from 2026-03-02 --to 2026-03-04 --data " + dir
	hint := "They are counted once the local system runs: go run ./infra/local --data " + dir + "\n"
	for _, c := range []struct {
		flags, out string
		stored     int
	}{
		{" --dry-run", "new events         2  would be stored\nknown              0\nconflicting        0\nrefused            0\n", 0},
		{"", "new events         2\nknown              0\nconflicting        0\nrefused            0\n" + hint, 2},
		{" --correct", "new events         0\nknown              2\nconflicting        0\nrefused            0\n" + hint, 2},
	} {
		code, out, errOut := command(t, line+c.flags)
		if code != 0 || out != replayed+c.out || errOut != "" {
			t.Errorf("%s: %d\n%s%s\nwant\n%s", c.flags, code, out, errOut, replayed+c.out)
		}
		if n := records(t, dir); n != c.stored {
			t.Errorf("%s: %d events are stored, want %d", c.flags, n, c.stored)
		}
	}
}

func TestARunningSystemReplays(t *testing.T) {
	dir := data(t)
	line := "replay --tenant acme --webhook dr --from 2026-03-02 --to 2026-03-04 --data " + dir
	names, err := storage.LocalNames()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := command(t, line); code != 2 || !strings.Contains(errOut, "is in use by a process that cannot be asked") {
		t.Errorf("%d %s", code, errOut)
	}
	files, err := directory.Open(storage.Files(dir), time.Now, directory.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() {
		served <- running.Serve(ctx, dir, db.FeedTable(names[function.JournalTable]), table.Divide(db.Table(names[function.StateTable])), files)
	}()
	for range 500 {
		if _, err := os.Stat(filepath.Join(dir, "verify.sock")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	code, out, errOut := command(t, line)
	if want := replayed + "new events         2\nknown              0\nconflicting        0\nrefused            0\n"; code != 0 || out != want || errOut != "" {
		t.Errorf("%d\n%s%s\nwant\n%s", code, out, errOut, want)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := records(t, dir); n != 2 {
		t.Errorf("%d events are stored", n)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	dir := data(t)
	const days = " --from 2026-03-02 --to 2026-03-04"
	for line, want := range map[string]string{
		"":                                  "2 say list or replay",
		"replace":                           "2 say list or replay",
		"list replay":                       "2 say list or replay",
		"list":                              "2 --tenant is missing",
		"replay --tenant acme":              "2 --webhook is missing",
		"list --tenant acme --dry-run":      "2 --dry-run and --correct are of replay",
		"list --tenant acme --from x":       `2 --from is "x"; it should be a day such as 2026-01-31`,
		"list --tenant acme --from 2026-03": `2 --from is "2026-03"; it should be a day`,
		"list --tenant acme --from 2026-03-02 --to 2026-03-02":        "2 --from 2026-03-02 is not before --to 2026-03-02, the day after the last one",
		"list --tenant acme --days 3":                                 "2 unknown flag: --days; see --help",
		"list --tenant acme" + days:                                   "2 there is neither --data nor $OBJECT_BUCKET",
		"replay --tenant acme --webhook dr" + days:                    "2 there is neither --data nor $JOURNAL_TABLE, $STATE_TABLE",
		"list --tenant acme --data /nowhere" + days:                   "2 /nowhere is no data directory of the local system",
		"replay --tenant acme --webhook dr --data /nowhere" + days:    "2 /nowhere is no data directory of the local system",
		"replay --tenant acme --webhook fc" + days + " --data " + dir: `1 nothing is kept of a tenant "acme", webhook "fc", in that time`,
	} {
		wantCode, text, _ := strings.Cut(want, " ")
		code, out, errOut := command(t, line)
		if code != int(wantCode[0]-'0') || out != "" || !strings.HasPrefix(errOut, "webhooks: "+text) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: %d %q %q, want %s", line, code, out, errOut, want)
		}
	}
	if code, _, help := command(t, "--help"); code != 0 || !strings.Contains(help, "--correct") || !strings.Contains(help, "webhooks replay --tenant") {
		t.Errorf("%d %s", code, help)
	}
}
