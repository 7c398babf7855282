package schedule_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/object"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// bucket keeps objects in memory, by those methods that schedules use. It calls before and
// after each change of one, where tests let it fail.
type bucket struct {
	object.Store
	mu            sync.Mutex
	objects       map[string]string
	before, after func() error
}

func newBucket() *bucket {
	nothing := func() error { return nil }
	return &bucket{objects: map[string]string{}, before: nothing, after: nothing}
}

func (b *bucket) change(f func() error) error {
	if err := b.before(); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return b.after()
}

func (b *bucket) Create(_ context.Context, key string) (object.Upload, error) {
	return &upload{bucket: b, key: key}, nil
}

type upload struct {
	*bucket
	bytes.Buffer
	key string
}

func (u *upload) Commit() error {
	return u.change(func() error {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.objects[u.key] = u.String()
		return nil
	})
}

func (u *upload) Abort() {}

func (b *bucket) Abandon(context.Context, string) error { return b.change(func() error { return nil }) }

func (b *bucket) Delete(_ context.Context, name string) error {
	return b.change(func() error {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.objects, name)
		return nil
	})
}

// world is a tenant with a log, in which things happen at moments, and a report that
// lists them.
type world struct {
	t      *testing.T
	state  table.Table
	bucket *bucket
	now    time.Time
	real   time.Time
	seq    uint64

	mu      sync.Mutex
	happens []time.Time
	renders int
	fails   error
}

func newWorld(t *testing.T, now string, declared ...tenant.Schedule) *world {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{t: t, state: table.Divide(db.Table("state")), bucket: newBucket(), now: moment(t, now)}
	w.real = w.now
	w.declare(declared...)
	return w
}

func (w *world) declare(declared ...tenant.Schedule) {
	w.t.Helper()
	if err := tenant.Put(w.t.Context(), w.state, tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "Europe/Berlin", Schedules: declared}}); err != nil {
		w.t.Fatal(err)
	}
}

// happen stores that something happened, now, at some moments.
func (w *world) happen(moments ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var diffs []cell.Difference
	for _, text := range moments {
		at := moment(w.t, text)
		w.happens = append(w.happens, at)
		diffs = append(diffs, cell.Difference{Fact: "visitor/v/-", Contribution: measure.Contribution{Measure: measure.ChatRequests, At: at.UnixMilli(), N: 1}})
	}
	w.seq++
	op, _ := counter.Add("acme", w.seq, diffs, w.real, false)
	if err := w.state.Write(w.t.Context(), op); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(_ context.Context, out io.Writer, a *schedule.Asked) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renders++
	rows := int64(0)
	for _, at := range w.happens {
		if a.From <= at.UnixMilli() && at.UnixMilli() < a.To {
			fmt.Fprintln(out, at.UTC().Format(time.RFC3339))
			rows++
		}
	}
	return rows, w.fails
}

func (w *world) scheduler() *schedule.Scheduler {
	report := schedule.Report{Told: schedule.Counters, Formats: []string{"csv", "jsonl"}, Write: w.write}
	listing := report
	listing.Listing = true
	return &schedule.Scheduler{
		State: w.state, Objects: w.bucket, Reports: map[string]*schedule.Report{"test/events": &report, "test/listing": &listing},
		Now: func() time.Time { return w.now }, Real: func() time.Time { return w.real },
	}
}

// run lets the time come, and runs what is due then.
func (w *world) run(now string) {
	w.t.Helper()
	w.now = moment(w.t, now)
	w.real = w.now
	if err := w.scheduler().Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// manifest is what users read.
type manifest struct {
	Periods []struct {
		From, To string
		Versions []struct {
			Version        int
			Object, SHA256 string
			Rows, Bytes    int64
			CountedUntil   string
			WrittenAt      string
		}
	}
}

// delivered lists the newest version of each object as its manifest says: name, rows and
// version. It checks that what manifests say is so, and that no other object is there.
func (w *world) delivered() string {
	w.t.Helper()
	named := map[string]bool{}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(w.bucket.objects)) {
		folder, ok := strings.CutSuffix(name, "manifest.json")
		if !ok {
			continue
		}
		named[name] = true
		var m manifest
		if err := json.Unmarshal([]byte(w.bucket.objects[name]), &m); err != nil {
			w.t.Fatal(err)
		}
		for _, p := range m.Periods {
			for i, v := range p.Versions {
				body, ok := w.bucket.objects[folder+v.Object]
				sum := fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
				if !ok || v.Version != i+1 || sum != v.SHA256 || int64(len(body)) != v.Bytes || int64(strings.Count(body, "\n")) != v.Rows {
					w.t.Errorf("the manifest of %s says %+v, and the object is %q", folder, v, body)
				}
				named[folder+v.Object] = true
			}
			v := p.Versions[len(p.Versions)-1]
			out = append(out, fmt.Sprintf("%s%s rows=%d v%d", strings.TrimPrefix(folder, "schedules/acme/"), v.Object, v.Rows, v.Version))
		}
	}
	for name := range w.bucket.objects {
		if !named[name] {
			w.t.Errorf("%s is in no manifest", name)
		}
	}
	return strings.Join(out, "\n")
}

func (w *world) expect(when, want string) {
	w.t.Helper()
	if got := w.delivered(); got != strings.TrimSpace(want) {
		w.t.Errorf("%s there is\n%s\nwant\n%s", when, got, strings.TrimSpace(want))
	}
}

var nightly = tenant.Schedule{ID: "s", Report: "test/events", Cron: "15 3 * * *"}
