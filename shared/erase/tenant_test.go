package erase_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/erase"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/link"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/payload"
	"chatreports/shared/rate"
	"chatreports/shared/schedule"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/tenant"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// stores are a system with two tenants, of each of which there is a record of every kind.
// The id of one begins with that of the other.
func stores(t *testing.T) erase.Stores {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := erase.Stores{Journal: db.Table("journal"), State: db.Table("state")}
	dir := t.TempDir()
	for name, to := range map[string]*object.Store{"files": &s.Objects, "failures": &s.Failures} {
		if *to, err = directory.Open(filepath.Join(dir, name), time.Now); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"acme", "acme2"} {
		fill(t, s, id)
	}
	put(t, s.Failures, "aws/lambda/both.json", aside(t, "acme/chat/a", "acme2/chat/b", "acme/chat/c"))
	return s
}

// fill stores a record of every kind of a tenant.
func fill(t *testing.T, s erase.Stores, id string) {
	t.Helper()
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ops := map[string]map[table.Key]table.Op{"journal": {}, "state": {}}
	for _, r := range storedtest.Read(t, slices.Max(storedtest.Generations(t))) {
		if first := table.Split(r.Part)[0]; first != "acme" && first != "logs" {
			continue // settings, keys and webhooks are put below
		}
		item := r.Item
		item.Part, item.Sort = renamed(r.Part, id), renamed(r.Sort, id)
		ops[r.Table][item.Key] = table.Op{Item: item}
	}
	for name, to := range map[string]table.Table{"journal": s.Journal, "state": s.State} {
		_, err := to.PutEach(ctx, slices.Collect(maps.Values(ops[name]))...)
		check(err)
	}
	days := 365
	check(tenant.Put(ctx, s.State, tenant.Entry{
		Tenant: tenant.Tenant{ID: id, KeepPayloads: &days, Webhooks: []tenant.Webhook{{ID: "w-" + id, Provider: tenant.Drift, Token: "t"}}},
		Keys:   []tenant.Key{{ID: "k", Secret: "secret of " + id, Scopes: []string{tenant.EventsWrite}}},
	}))
	_, _, err := link.New(s.State).Make(ctx, link.Link{Tenant: id, Report: "r", Created: now})
	check(err)
	check(job.Ask(ctx, s.State, id, "j1", job.Wanted{Kind: "k"}, now))
	_, err = rate.Limit{Name: "x", Calls: 9, Per: time.Hour}.Take(ctx, s.State, id, now)
	check(err)
	check(table.Divide(s.State).Write(ctx, table.Op{Item: table.Item{Key: table.Key{Part: table.Join(id, "open"), Sort: "9"}, Version: 1, Value: make([]byte, 500<<10)}}))
	for _, k := range []table.Key{
		{Part: table.Join(id, "part", "nobody names it"), Sort: "0000"},
		{Part: table.Join(id, "schedule"), Sort: "s"},
		{Part: table.Join(id, "delivered", "s"), Sort: "2026-03-02"},
		{Part: table.Join(id, "chain", "7"), Sort: "-"},
		{Part: table.Join(id, "open", "runs"), Sort: "0/1"},
		{Part: table.Join(id, "erasure"), Sort: "v"},
		{Part: table.Join(id, "intake"), Sort: "2026-03-02/x"},
		{Part: table.Join(id, "intake"), Sort: "-"},
		{Part: table.Join(id, "generation"), Sort: "-"},
		{Part: table.Join(id, "verified"), Sort: "-"},
	} {
		check(s.State.Write(ctx, table.Op{Item: table.Item{Key: k, Version: 1, Value: []byte{1}}}))
	}
	check(payload.Keep(ctx, s.Objects, days, &payload.Payload{Tenant: id, Webhook: "w-" + id, Provider: "drift", Arrived: now, Body: []byte("{}")}))
	for _, key := range []string{job.Prefix(id, "j1") + "1/file.csv", schedule.Prefix(id, "s") + "2026-03-02/f.csv", function.Exported + id + "/x.csv"} {
		put(t, s.Objects, key, []byte(id))
	}
	put(t, s.Failures, function.SetAsidePrefix+"2026/03/02/"+id+".json", aside(t, table.Join(id, "chat", "b")))
}

// renamed is a key of acme, as it is of another tenant.
func renamed(key, id string) string {
	parts := table.Split(key)
	if parts[0] != "acme" {
		return key
	}
	parts[0] = id
	return table.Join(parts...)
}

func put(t *testing.T, s object.Store, key string, content []byte) {
	t.Helper()
	if err := object.Put(t.Context(), s, key, func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
		t.Fatal(err)
	}
}

// aside is an object as Lambda puts it into the failure bucket.
func aside(t *testing.T, parts ...string) []byte {
	t.Helper()
	var e events.DynamoDBEvent
	for i, part := range parts {
		item := table.Item{Key: table.Key{Part: part, Sort: fmt.Sprint(i)}, Version: 1, Value: []byte("said by " + part)}
		e.Records = append(e.Records, events.DynamoDBEventRecord{EventName: "INSERT", Change: events.DynamoDBStreamRecord{NewImage: dynamo.ToImage(item)}})
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{"version": "1.0", "payload": string(payload), "responseContext": map[string]any{"functionError": "of " + parts[0]}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// all is everything that is stored, by where it is.
func all(t *testing.T, s erase.Stores) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, from := range map[string]table.Table{"journal": s.Journal, "state": s.State} {
		for item, err := range from.Scan(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			out[name+" "+item.Part+" "+item.Sort] = fmt.Sprint(item.Version, " ", item.Expires, " ", string(item.Value))
		}
	}
	for name, from := range map[string]object.Store{"objects": s.Objects, "failures": s.Failures} {
		for info, err := range from.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			in, err := from.Open(t.Context(), info.Key)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(in)
			if err != nil || in.Close() != nil {
				t.Fatal(err)
			}
			out[name+" "+info.Key] = string(raw)
		}
	}
	return out
}

// names says whether a text names the tenant acme, and not acme2.
var names = regexp.MustCompile(`acme([^2]|$)`)

// others are what is stored of others than acme.
func others(all map[string]string) map[string]string {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(where, value string) bool { return names.MatchString(where) || names.MatchString(value) })
	return out
}

// The page of formats says which keys there are: of each a record is there before, and none
// after, and what is another tenant's stays byte by byte.
func TestNothingOfATenantIsLeftAndOthersAreUntouched(t *testing.T) {
	s := stores(t)
	before := all(t, s)
	page, err := os.ReadFile("../FORMATS.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, row := range regexp.MustCompile("(?m)^\\| (journal|state) \\| `([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		kinds++
		begins := strings.NewReplacer("tenant/", "acme/", "KIND", "", "CLASS", "").Replace(row[2])
		begins, _, _ = strings.Cut(begins, "//")
		begins = regexp.MustCompile(`[A-Z]+(/.*)?$|2026-03.*$`).ReplaceAllString(begins, "")
		if !slices.ContainsFunc(slices.Collect(maps.Keys(before)), func(where string) bool { return strings.HasPrefix(where, row[1]+" "+begins) }) {
			t.Errorf("there is no record %q before", begins)
		}
	}
	if kinds < 25 {
		t.Errorf("the page has %d kinds of keys", kinds)
	}
	counts, err := (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	after := all(t, s)
	for where, value := range after {
		if names.MatchString(where) || names.MatchString(value) {
			t.Errorf("%s is left", where)
		}
	}
	both := "failures aws/lambda/both.json"
	if items, err := function.ReadSetAside([]byte(after[both])); err != nil || len(items) != 1 || items[0].Part != "acme2/chat/b" || string(items[0].Value) != "said by acme2/chat/b" {
		t.Errorf("of what was set aside there is %+v, %v", items, err)
	}
	delete(after, both)
	if want := others(before); !maps.Equal(after, want) || len(want) < 300 {
		t.Errorf("of others there are %d of %d records", len(after), len(want))
	}
	for what, n := range map[string]int{erase.Keys: 1, erase.Webhooks: 1, erase.Links: 1, erase.Payloads: 1, erase.Files: 3, erase.SetAside: 3} {
		if counts[what] != n {
			t.Errorf("%d %s are counted, want %d", counts[what], what, n)
		}
	}
	if counts[erase.Events] < 100 || counts[erase.Records] < 300 {
		t.Errorf("counted are %v", counts)
	}
	if counts, err = (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context()); err != nil || len(counts) != 0 {
		t.Errorf("again: %v, %v", counts, err)
	}
}

func TestADryRunCountsTheSameAndChangesNothing(t *testing.T) {
	s := stores(t)
	before := all(t, s)
	dry, err := (&erase.Tenant{Stores: s, ID: "acme", DryRun: true}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(all(t, s), before) {
		t.Error("it changes something")
	}
	wet, err := (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context())
	if err != nil || !maps.Equal(dry, wet) {
		t.Errorf("it counts %v, and there are %v, %v", dry, wet, err)
	}
}

// dying is an object store that ends with the tables' plan.
type dying struct {
	object.Store
	table *tabletest.Faulty
}

func (d dying) Delete(ctx context.Context, key string) error {
	if _, err := d.table.Get(ctx); err != nil {
		return err
	}
	return d.Store.Delete(ctx, key)
}

func TestACrashAnywhereIsMendedByDoingItAgain(t *testing.T) {
	faults := []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly}
	for k := 1; ; k++ {
		s := stores(t)
		want := others(all(t, s))
		plan := tabletest.CrashAt(k, faults[k%3])
		bad := s
		state := tabletest.NewFaulty(s.State, plan)
		bad.Journal, bad.State = tabletest.NewFaulty(s.Journal, plan), state
		bad.Objects, bad.Failures = dying{s.Objects, state}, dying{s.Failures, state}
		_, err := (&erase.Tenant{Stores: bad, ID: "acme"}).Run(t.Context())
		if plan.Calls() < k {
			t.Logf("%d crashes", k-1)
			return
		}
		if err == nil {
			t.Fatalf("%v went unnoticed", plan.Log())
		}
		if _, err := (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := all(t, s)
		delete(after, "failures aws/lambda/both.json")
		if !maps.Equal(after, want) {
			t.Errorf("after %v: %d records are left, want %d", plan.Log(), len(after), len(want))
		}
	}
}

// late is a table to which somebody writes after it was scanned.
type late struct {
	table.Table
	times int
}

func (l *late) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := l.Table.PutEach(ctx, ops...)
	if l.times > 0 && err == nil {
		l.times--
		err = l.Write(ctx, table.Op{Item: table.Item{Key: table.Key{Part: "acme/fact/chat/late", Sort: "-"}, Version: 1, Value: []byte("x")}})
	}
	return stood, err
}

func TestWhatIsWrittenMeanwhileIsFound(t *testing.T) {
	s := stores(t)
	s.State = &late{s.State, 9}
	if _, err := (&erase.Tenant{Stores: s, ID: "acme", Wait: time.Microsecond}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := all(t, s); after["state acme/fact/chat/late -"] != "" {
		t.Error("what came late is there")
	}
	s.State = &late{s.State, 1 << 30}
	put(t, s.Objects, "jobs/acme/x", nil)
	if err := s.State.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: "acme/log", Sort: "1"}, Version: 1, Value: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context()); !errors.Is(err, erase.ErrMore) {
		t.Errorf("with something new each time: %v", err)
	}
}

func TestWhatCannotBeReadIsToldAndTheRestIsErased(t *testing.T) {
	s := stores(t)
	put(t, s.Failures, "fold/odd.json", []byte("?"))
	_, err := (&erase.Tenant{Stores: s, ID: "acme"}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "fold/odd.json") {
		t.Errorf("the error is %v", err)
	}
	for where := range all(t, s) {
		if names.MatchString(where) {
			t.Errorf("%s is left", where)
		}
	}
}

func TestNoPartOfAllTenantsIsTakenForOne(t *testing.T) {
	s := stores(t)
	before := all(t, s)
	for _, id := range append(tenant.ReservedIDs(), "") {
		if _, err := (&erase.Tenant{Stores: s, ID: id}).Run(t.Context()); err == nil {
			t.Errorf("%q is erased", id)
		}
	}
	for where := range before {
		first := table.Split(strings.Fields(where)[1])[0]
		if strings.HasPrefix(where, "state ") && !strings.HasPrefix(first, "acme") && !slices.Contains(tenant.ReservedIDs(), first) {
			t.Errorf("%s: a tenant may have the id %q", where, first)
		}
	}
	if !maps.Equal(all(t, s), before) {
		t.Error("something was changed")
	}
}
