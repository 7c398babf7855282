package erase_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/erase"
	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/payload"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

const zoe = "zoe-4711"

// personal is what is to be found nowhere any more.
var personal = []string{zoe, "Zoe Secret", "+49 555 1234", "zoe@example.com"}

// of are events of the visitor from a time on: visits, a chat that lasted for three months,
// one that is over, with a rating and a conversion that was taken back, and one that waits.
func of(at time.Time) (out []event.Event) {
	n := 0
	tell := func(after time.Duration, typ, subject string, d event.Data) {
		n++
		out = append(out, event.Event{ID: fmt.Sprint("z", n), Source: "test", Type: typ, Subject: subject, At: at.Add(after).UnixMilli(), Data: d})
	}
	user := &event.Actor{Type: "user", ID: zoe, Name: "Zoe Secret"}
	request := event.Data{VisitorID: zoe, VisitorName: "Zoe Secret", InitiatedBy: "visitor", Source: "visitor", Rest: []byte(`{"phone":"+49 555 1234"}`)}
	for i, chat := range []string{"long", "over", "waits"} {
		begin := []time.Duration{-100 * 24 * time.Hour, time.Hour, 5 * time.Hour}[i]
		tell(begin, "chat.requested", chat, request)
		tell(begin+time.Minute, "chat.queued", chat, event.Data{RouteTo: &event.Route{Type: "site"}})
		if chat == "waits" {
			break
		}
		tell(begin+2*time.Minute, "chat.accepted", chat, event.Data{AgentID: "a1"})
		tell(begin+3*time.Minute, "message.sent", chat, event.Data{MessageID: "m" + chat, Actor: user, Length: 7})
		tell(2*time.Hour, "chat.closed", chat, event.Data{By: user})
		tell(2*time.Hour+time.Minute, "chat.rated", chat, event.Data{Score: 4, Comment: "write to zoe@example.com", By: user})
		tell(2*time.Hour+2*time.Minute, "conversion.recorded", zoe, event.Data{ActionID: "bought", ChatID: chat, Value: 5_000_000})
	}
	tell(30*time.Minute, "visit.started", zoe, event.Data{SessionID: "s", PageURL: "https://www.example.com/"})
	tell(31*time.Minute, "page.viewed", zoe, event.Data{PageURL: "https://www.example.com/b"})
	tell(3*time.Hour, "conversion.recorded", zoe, event.Data{ActionID: "bought", Value: 1_000_000})
	tell(4*time.Hour, event.Retracted, zoe, event.Data{Type: "conversion.recorded", ID: out[6].ID, Source: "test"})
	return out
}

// centre is a small contact centre in which the visitor was.
type centre struct {
	erase.Stores
	now    time.Time
	folded map[table.Key]bool
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c := &centre{erase.Stores{Journal: db.Table("journal"), State: db.Table("state")}, start.Add(6 * time.Hour), map[table.Key]bool{}}
	dir := t.TempDir()
	for name, to := range map[string]*object.Store{"files": &c.Objects, "failures": &c.Failures} {
		if *to, err = directory.Open(filepath.Join(dir, name), time.Now); err != nil {
			t.Fatal(err)
		}
	}
	var others []event.Event
	for e := range sim.New(sim.Config{Seed: 5, Start: start, End: c.now, Scale: 0.01, Agents: 3, Departments: 2, Campaigns: 1}).Events() {
		others = append(others, e)
	}
	mine := of(start)
	c.take(t, append(others, mine[:len(mine)/2]...)...)
	if err := counter.Merge(t.Context(), table.Divide(c.State), "acme"); err != nil {
		t.Fatal(err)
	}
	c.take(t, mine[len(mine)/2:]...)
	for i, body := range []string{`{"user":"` + zoe + `"}`, `{"chat":"over","text":"hello"}`, `{"user":"` + zoe + `8","chat":"overt"}`} {
		p := &payload.Payload{Tenant: "acme", Webhook: "w", Provider: "drift", Arrived: start.Add(time.Duration(i) * time.Minute), Body: []byte(body)}
		if err := payload.Keep(t.Context(), c.Objects, 30, p); err != nil {
			t.Fatal(err)
		}
	}
	put(t, c.Objects, "jobs/acme/j/1/file.csv", []byte(zoe))
	put(t, c.Objects, "exports/acme/x.csv", []byte(zoe))
	put(t, c.Failures, "fold/2026/03/02/1.json", aside(t, "acme/visitor/"+zoe, "acme/chat/other"))
	return c
}

// take stores events and folds them.
func (c *centre) take(t *testing.T, events ...event.Event) {
	t.Helper()
	if _, err := journal.New(c.Journal).Append(t.Context(), "acme", events, c.now); err != nil {
		t.Fatal(err)
	}
	var fresh []table.Item
	for item, err := range c.Journal.Scan(t.Context(), "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		if !c.folded[item.Key] {
			c.folded[item.Key], fresh = true, append(fresh, item)
		}
	}
	if _, err := c.folder().Apply(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
}

func (c *centre) clock() time.Time { return c.now }

func (c *centre) folder() *fold.Folder { return fold.New(c.Journal, table.Divide(c.State), c.clock) }

// Beforehand it can be seen what is going to be deleted, and how much written anew.
func TestADryRunOfAVisitorCountsWhatGoesAndChangesNothing(t *testing.T) {
	c := newCentre(t)
	before := all(t, c.Stores)
	dry, err := (&erase.Visitor{Tenant: erase.Tenant{Stores: c.Stores, ID: "acme", DryRun: true}, Visitor: zoe, Now: c.clock}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(all(t, c.Stores), before) {
		t.Error("it changes something")
	}
	wet, err := c.erase(t.Context(), c.Stores)
	if err != nil {
		t.Fatal(err)
	}
	delete(wet, erase.Records) // which counters are written anew, a merge decides
	if dry[erase.Events] < 10 || dry[erase.Files] != 2 || dry[erase.Payloads] != 2 || dry[erase.SetAside] != 1 || !maps.Equal(dry, wet) {
		t.Errorf("it counts %v, and there are %v", dry, wet)
	}
}

func (c *centre) erase(ctx context.Context, s erase.Stores) (erase.Counts, error) {
	return (&erase.Visitor{Tenant: erase.Tenant{Stores: s, ID: "acme"}, Visitor: zoe, Now: c.clock}).Run(ctx)
}

var named = regexp.MustCompile(zoe + `|erased-[A-Z2-7]{26}`)

// answers are those of all of Comm100's reports.
func (c *centre) answers(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range comm100.Reports() {
		groups := append([]string{""}, r.Groups...)
		for _, g := range groups {
			q := url.Values{}
			if !r.Realtime {
				q.Set("timeFrom", c.now.AddDate(0, 0, -120).Add(7*time.Minute).Format("2006-01-02T15:04:05"))
				q.Set("timeTo", c.now.Add(-3*time.Minute).Format("2006-01-02T15:04:05"))
			}
			if g != "" {
				q.Set("group", g)
			} else if len(r.Groups) > 0 {
				continue
			}
			who := &tenant.Tenant{ID: "acme", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
			a, err := comm100.New(c.Journal, table.Divide(c.State)).Answer(t.Context(), &dialect.Request{Tenant: who, Path: comm100.Prefix + r.Path, Query: q, Now: c.now})
			if err != nil {
				t.Fatalf("%s %v: %v", r.Path, q, err)
			}
			raw, err := a.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			out[r.Path+"?"+q.Encode()] = named.ReplaceAllString(string(raw), "somebody") // real time says who waits
		}
	}
	return out
}

func (c *centre) verify(t *testing.T) {
	t.Helper()
	r, err := verify.Run(t.Context(), c.Journal, table.Divide(c.State), verify.Options{Tenant: "acme", Tries: 1, Wait: time.Millisecond, Now: c.clock})
	if err != nil || len(r.Differences) > 0 || r.Facts < 20 {
		t.Fatalf("%d facts, %v, differences: %v", r.Facts, err, r.Differences)
	}
}

// plain is a value as it was before it was compressed.
func plain(t *testing.T, part, value string) string {
	t.Helper()
	if strings.HasSuffix(part, "/open") {
		chunk, err := cell.DecodeChunk([]byte(value))
		if err != nil {
			t.Fatal(err)
		}
		value = string(chunk.Differences)
	}
	zstds, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer zstds.Close()
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd}
	if i := bytes.Index([]byte(value), magic); i >= 0 {
		raw, err := zstds.DecodeAll([]byte(value[i:]), nil)
		if err != nil {
			t.Fatal(err)
		}
		value = value[:i] + string(raw)
	}
	return value
}

// logged are the parts of logs, and of bundles of them, of any generation.
var logged = regexp.MustCompile(`^acme/(g\d+/)?(log|bundle)$`)

// found says where the visitor is still named, but for the log.
func (c *centre) found(t *testing.T) (where []string, log int) {
	t.Helper()
	for at, value := range all(t, c.Stores) {
		fields := strings.Fields(at)
		_, value, _ = strings.Cut(value, " ")
		_, value, _ = strings.Cut(value, " ")
		text := at + "\n" + plain(t, fields[1], value)
		for _, p := range personal {
			if strings.Contains(strings.ReplaceAll(text, zoe+"8", ""), p) {
				if logged.MatchString(fields[1]) {
					log++
				} else {
					where = append(where, p+" in "+at)
				}
				break
			}
		}
	}
	return where, log
}

func TestAVisitorIsErasedAndEveryTotalStays(t *testing.T) {
	c := newCentre(t)
	c.verify(t)
	want := c.answers(t)
	if before, _ := c.found(t); len(before) < 40 {
		t.Fatalf("before, the visitor is only in %q", before)
	}
	counts, err := c.erase(t.Context(), c.Stores)
	if err != nil {
		t.Fatal(err)
	}
	if where, log := c.found(t); len(where) > 0 || log == 0 {
		t.Errorf("the visitor is in %d items of the log, and in\n%s", log, strings.Join(where, "\n"))
	}
	for q, answer := range c.answers(t) {
		if answer != want[q] {
			t.Errorf("%s: %s\nwant %s", q, answer, want[q])
		}
	}
	c.verify(t)
	if counts[erase.Events] < 15 || counts[erase.Payloads] != 2 || counts[erase.Files] != 2 || counts[erase.SetAside] != 1 {
		t.Errorf("counted are %v", counts)
	}
	before := all(t, c.Stores)
	if counts, err = c.erase(t.Context(), c.Stores); err != nil || len(counts) > 0 {
		t.Errorf("again: %v, %v", counts, err)
	}
	if !maps.Equal(all(t, c.Stores), before) {
		t.Error("doing it again changes something")
	}
}

func TestACrashWhileAVisitorIsErasedIsMendedByDoingItAgain(t *testing.T) {
	faults := []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly}
	const step = 53 // all of them take too long
	for k := 1 + time.Now().Nanosecond()%step; ; k += step {
		c := newCentre(t)
		want := c.answers(t)
		plan := tabletest.CrashAt(k, faults[k%3])
		bad := c.Stores
		state := tabletest.NewFaulty(c.State, plan)
		bad.Journal, bad.State = tabletest.NewFaulty(c.Journal, plan), state
		bad.Objects, bad.Failures = dying{c.Objects, state}, dying{c.Failures, state}
		_, err := c.erase(t.Context(), bad)
		if plan.Calls() < k {
			t.Logf("crashes up to call %d", k)
			return
		}
		if err == nil {
			t.Fatalf("%v went unnoticed", plan.Log())
		}
		if _, err := c.erase(t.Context(), c.Stores); err != nil {
			t.Fatal(err)
		}
		if where, _ := c.found(t); len(where) > 0 {
			t.Errorf("after %v the visitor is in\n%s", plan.Log(), strings.Join(where, "\n"))
		}
		for q, answer := range c.answers(t) {
			if answer != want[q] {
				t.Errorf("after %v: %s: %s\nwant %s", plan.Log(), q, answer, want[q])
			}
		}
		c.verify(t)
	}
}

// busy is a journal into which events come while it is written.
type busy struct {
	table.Table
	come func()
}

func (b *busy) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := b.Table.PutEach(ctx, ops...)
	if come := b.come; come != nil {
		b.come = nil
		come()
	}
	return stood, err
}

func TestEventsThatComeMeanwhileAreErasedToo(t *testing.T) {
	c := newCentre(t)
	s := c.Stores
	s.Journal = &busy{c.Journal, func() {
		c.take(t, event.Event{ID: "late", Source: "test", Type: "page.viewed", Subject: zoe, At: c.now.UnixMilli(), Data: event.Data{PageURL: "https://www.example.com/c"}},
			event.Event{ID: "late2", Source: "test", Type: "chat.requested", Subject: "late", At: c.now.UnixMilli(), Data: event.Data{VisitorID: zoe, InitiatedBy: "visitor", Source: "visitor"}})
	}}
	if _, err := c.erase(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if where, _ := c.found(t); len(where) > 0 {
		t.Errorf("the visitor is in\n%s", strings.Join(where, "\n"))
	}
	c.verify(t)
}

// watched is a state that is looked at after each write, from the first on that removes a fact.
type watched struct {
	table.Table
	removed bool
	look    func()
}

func (w *watched) Write(ctx context.Context, ops ...table.Op) error {
	err := w.Table.Write(ctx, ops...)
	w.wrote(ops)
	return err
}

func (w *watched) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := w.Table.PutEach(ctx, ops...)
	w.wrote(ops)
	return stood, err
}

func (w *watched) wrote(ops []table.Op) {
	for i := range ops {
		_, ok := facts.EntityOf(ops[i].Item.Key)
		w.removed = w.removed || ok && ops[i].Verb == table.Delete
	}
	if w.removed {
		w.look()
	}
}

// From the moment on at which the visitor's facts are gone, verify finds nothing: what they
// had contributed stands in blocks until the next merge, and in the log that they took it back.
func TestVerifyFindsNothingWhileAVisitorIsErased(t *testing.T) {
	c := newCentre(t)
	s, looks := c.Stores, 0
	s.State = &watched{Table: c.State, look: func() {
		looks++
		c.verify(t)
	}}
	if _, err := c.erase(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if looks < 20 {
		t.Errorf("it was looked %d times", looks)
	}
}
