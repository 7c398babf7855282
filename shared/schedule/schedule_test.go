package schedule_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/object"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
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

func TestEachDayIsDeliveredOnceItIsOver(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.happen("2026-11-26T10:00:00Z", "2026-11-26T22:59:59Z", "2026-11-26T23:00:00Z", "2026-11-27T11:00:00Z")
	w.run("2026-11-27T12:00:00Z")
	w.expect("at first", "s/2026-11-26/2026-11-26.1.csv rows=2 v1")
	w.run("2026-11-28T02:14:00Z")
	w.expect("before it is time", "s/2026-11-26/2026-11-26.1.csv rows=2 v1")
	w.run("2026-11-28T02:15:00Z")
	w.run("2026-11-28T02:16:00Z")
	w.run("2026-11-28T22:00:00Z")
	w.expect("when it is time", "s/2026-11-26/2026-11-26.1.csv rows=2 v1\ns/2026-11-27/2026-11-27.2.csv rows=2 v1")
}

// What was missed is delivered in one run, the periods apart.
func TestMissedRunsAreCaughtUpOnce(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.run("2026-11-27T12:00:00Z")
	w.run("2026-11-30T12:00:00Z")
	w.expect("after three days", `
s/2026-11-26/2026-11-26.1.csv rows=0 v1
s/2026-11-27/2026-11-27.2.csv rows=0 v1
s/2026-11-28/2026-11-28.2.csv rows=0 v1
s/2026-11-29/2026-11-29.2.csv rows=0 v1`)
	w.run("2027-04-01T12:00:00Z")
	w.run("2027-04-01T12:01:00Z")
	if n := strings.Count(w.delivered(), "\n") + 1; n != 4+34 {
		t.Errorf("after months there are %d days, want the last 34 whole ones beside the 4", n)
	}
}

func TestALateEventMakesANewVersionOfItsDay(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.happen("2026-11-26T10:00:00Z")
	w.run("2026-11-27T12:00:00Z")
	w.run("2026-11-28T12:00:00Z")
	w.happen("2026-11-26T11:00:00Z", "2026-11-28T11:00:00Z")
	w.happen("2026-11-20T11:00:00Z") // before what was ever delivered
	w.run("2026-11-29T12:00:00Z")
	want := `
s/2026-11-26/2026-11-26.3.csv rows=2 v2
s/2026-11-27/2026-11-27.2.csv rows=0 v1
s/2026-11-28/2026-11-28.3.csv rows=1 v1`
	w.expect("then", want)
	before := w.renders
	w.run("2026-11-30T12:00:00Z")
	if w.renders != before+1 {
		t.Errorf("with nothing late %d reports were made, want one", w.renders-before)
	}
	w.expect("with nothing late", want+"\ns/2026-11-29/2026-11-29.4.csv rows=0 v1")
	w.run("2027-01-02T12:00:00Z")
	w.happen("2026-11-29T11:00:00Z")
	before = w.renders
	w.run("2027-01-07T12:00:00Z")
	if w.renders != before+5 {
		t.Errorf("for what was %d days ago %d reports were made beside the five that are due", 39, w.renders-before-5)
	}
}

// What changes nothing in the rows makes no new version.
func TestTheSameAgainIsNoNewVersion(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.run("2026-11-27T12:00:00Z")
	w.happen("2026-11-26T11:00:00Z")
	w.mu.Lock()
	w.happens = nil
	w.mu.Unlock()
	w.run("2026-11-28T12:00:00Z")
	w.expect("then", "s/2026-11-26/2026-11-26.1.csv rows=0 v1\ns/2026-11-27/2026-11-27.2.csv rows=0 v1")
	if w.renders != 3 {
		t.Errorf("%d reports were made, want one more to compare", w.renders)
	}
}

// When the log of what happened since has expired, everything is compared.
func TestWithoutALogEverythingIsCompared(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.happen("2026-11-25T11:00:00Z")
	w.run("2026-11-27T12:00:00Z")
	w.run("2026-11-28T12:00:00Z")
	w.seq++ // an item that has expired
	w.happens = append(w.happens, moment(t, "2026-11-26T11:00:00Z"))
	w.happen("2026-11-28T11:00:00Z")
	w.run("2026-11-29T12:00:00Z")
	w.expect("then", `
s/2026-11-26/2026-11-26.3.csv rows=1 v2
s/2026-11-27/2026-11-27.2.csv rows=0 v1
s/2026-11-28/2026-11-28.3.csv rows=1 v1`)
}

func TestPartsOfADayLieTogether(t *testing.T) {
	w := newWorld(t, "2026-10-25T00:10:00Z", tenant.Schedule{ID: "s", Report: "test/events", Rate: "1 hour", Format: "jsonl"})
	w.run("2026-10-25T00:10:00Z")
	w.run("2026-10-25T01:30:00Z") // the repeated hour is not over
	w.run("2026-10-25T02:00:00Z")
	w.happen("2026-10-25T01:30:00Z")
	w.run("2026-10-25T03:00:00Z")
	w.expect("then", `
s/2026-10-25/2026-10-24T2300Z.1.jsonl rows=0 v1
s/2026-10-25/2026-10-25T0000Z.3.jsonl rows=1 v2
s/2026-10-25/2026-10-25T0200Z.3.jsonl rows=0 v1`)
}

// A listing is of now: no day of the past is written again, and none is caught up.
func TestAListingIsDeliveredAsItIs(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", tenant.Schedule{ID: "s", Report: "test/listing", Rate: "1 day"})
	w.run("2026-11-27T12:00:00Z")
	w.happen("2026-11-26T11:00:00Z")
	w.run("2026-11-30T12:00:00Z")
	w.expect("then", "s/2026-11-26/2026-11-26.1.csv rows=0 v1\ns/2026-11-29/2026-11-29.2.csv rows=0 v1")
}

func TestAnotherDeclarationBeginsAnew(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.run("2026-11-27T12:00:00Z")
	w.happen("2026-11-26T11:00:00Z")
	changed := nightly
	changed.Format = "jsonl"
	w.declare(changed)
	w.run("2026-11-27T12:01:00Z")
	w.run("2026-11-27T12:02:00Z")
	w.expect("then", "s/2026-11-26/2026-11-26.2.jsonl rows=1 v2")
	w.declare()
	w.run("2026-11-29T12:01:00Z")
	w.expect("without it", "s/2026-11-26/2026-11-26.2.jsonl rows=1 v2")
}

func TestAFailureKeepsNoOtherAndIsTriedAgain(t *testing.T) {
	other := nightly
	other.ID, other.Report = "other", "test/none"
	w := newWorld(t, "2026-11-27T12:00:00Z", other, nightly)
	w.fails = errors.New("no disk")
	err := w.scheduler().Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), `schedule "other" of tenant "acme": there is no report "test/none"`) || !strings.Contains(err.Error(), `schedule "s" of tenant "acme": making report test/events from 2026-11-25T23:00:00.000Z to 2026-11-26T23:00:00.000Z: no disk`) {
		t.Errorf("%v", err)
	}
	w.expect("after a failure", "")
	w.declare(nightly)
	w.fails = nil
	w.run("2026-11-27T12:04:00Z")
	w.expect("too early", "")
	w.run("2026-11-27T12:05:00Z")
	w.expect("five minutes later", "s/2026-11-26/2026-11-26.2.csv rows=0 v1")
}

// A clock that stands still lets each schedule run once.
func TestAClockThatStandsStillRunsASingleTime(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", tenant.Schedule{ID: "s", Report: "test/events", Cron: "* * * * *"})
	for range 3 {
		if err := w.scheduler().Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.real = w.real.Add(time.Hour)
	}
	w.expect("then", "s/2026-11-26/2026-11-26.1.csv rows=0 v1")
	if w.renders != 1 {
		t.Errorf("it ran %d times", w.renders)
	}
}

func TestManyAtOnceDeliverOnce(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly, tenant.Schedule{ID: "hourly", Report: "test/events", Rate: "1 hour"})
	w.happen("2026-11-26T10:00:00Z", "2026-11-27T10:30:00Z")
	w.run("2026-11-26T12:00:00Z")
	w.now = moment(t, "2026-11-27T12:00:00Z")
	w.real = w.now
	w.renders = 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := w.scheduler().Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if w.renders != 1+24 {
		t.Errorf("%d reports were made, want one a period", w.renders)
	}
	if got := w.delivered(); strings.Contains(got, "v2") || strings.Count(got, "\n") != 1+1+24 {
		t.Errorf("there is\n%s", got)
	}
}

// A run that has no time left ends, and the next goes on at once.
func TestARunThatHasNoTimeLeftIsGoneOnWith(t *testing.T) {
	w := newWorld(t, "2026-11-20T12:00:00Z", nightly)
	w.run("2026-11-20T12:00:00Z")
	w.now = moment(t, "2026-11-27T12:00:00Z")
	w.real = w.now
	for runs := 1; ; runs++ {
		s := w.scheduler()
		calls := time.Duration(0)
		s.Real = func() time.Time { // the clock goes on while it works
			calls++
			return w.real.Add(calls * time.Second)
		}
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
		deadline := w.real.Add(22 * time.Second)
		err := s.Run(withDeadline{ctx, deadline})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(w.delivered(), "\n") == 7 {
			if runs < 2 {
				t.Error("one run did it all")
			}
			break
		}
		if runs > 20 {
			t.Fatalf("it gets no further than\n%s", w.delivered())
		}
	}
}

type withDeadline struct {
	context.Context
	deadline time.Time
}

func (c withDeadline) Deadline() (time.Time, bool) { return c.deadline, true }

// Killed at any call to the table or the bucket, before or after it took effect, a run
// leaves nothing half that users could see, and the next one everything right.
func TestKilledAtAnyCallNothingHalfIsSeen(t *testing.T) {
	for _, fault := range []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly} {
		for k := 1; ; k++ {
			w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
			w.happen("2026-11-26T10:00:00Z")
			w.run("2026-11-27T12:00:00Z")
			w.happen("2026-11-26T11:00:00Z", "2026-11-27T20:00:00Z")
			w.now = moment(t, "2026-11-29T12:00:00Z")
			w.real = w.now
			plan := tabletest.CrashAt(k, fault)
			s := w.scheduler()
			s.State = tabletest.NewFaulty(w.state, plan)
			call := func() error {
				_, err := s.State.Get(t.Context(), table.Key{Part: "any", Sort: "-"})
				return err
			}
			w.bucket.before, w.bucket.after = call, call
			err := s.Run(t.Context())
			if plan.Calls() < k {
				t.Logf("%d crashes", k-1)
				break
			}
			if err == nil {
				t.Fatalf("%v went unnoticed", plan.Log())
			}
			w.bucket = &bucket{objects: w.bucket.objects, before: newBucket().before, after: newBucket().after}
			w.checkSeen()
			w.real = w.real.Add(16 * time.Minute)
			if err := w.scheduler().Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := strings.NewReplacer(".2.csv", ".N.csv", ".3.csv", ".N.csv").Replace(w.delivered())
			if want := "s/2026-11-26/2026-11-26.N.csv rows=2 v2\ns/2026-11-27/2026-11-27.N.csv rows=1 v1\ns/2026-11-28/2026-11-28.N.csv rows=0 v1"; got != want {
				t.Fatalf("after %v there is\n%s", plan.Log(), got)
			}
		}
	}
}

// A run that was given up, and comes back when another has done its work, changes nothing.
func TestARunThatComesBackTooLateChangesNothing(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
		w.happen("2026-11-26T10:00:00Z")
		stalled := newBucket()
		stalled.objects = w.bucket.objects
		stall := func() error {
			stalled.before, stalled.after = newBucket().before, newBucket().after
			w.happen("2026-11-26T11:00:00Z")
			w.real = w.real.Add(time.Hour)
			return w.scheduler().Run(t.Context())
		}
		if stalled.before = stall; when == "after" {
			stalled.before, stalled.after = newBucket().before, stall
		}
		s := w.scheduler()
		s.Objects = stalled
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.expect(when, "s/2026-11-26/2026-11-26.2.csv rows=2 v1")
	}
}

// checkSeen checks that whatever a manifest names is there and whole.
func (w *world) checkSeen() {
	w.t.Helper()
	for name, body := range w.bucket.objects {
		folder, ok := strings.CutSuffix(name, "manifest.json")
		if !ok {
			continue
		}
		var m manifest
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			w.t.Fatal(err)
		}
		for _, p := range m.Periods {
			for _, v := range p.Versions {
				if got := fmt.Sprintf("%x", sha256.Sum256([]byte(w.bucket.objects[folder+v.Object]))); got != v.SHA256 {
					w.t.Errorf("%s is not what the manifest says", v.Object)
				}
			}
		}
	}
}

func (w *world) listed() string {
	w.t.Helper()
	t, _, err := tenant.Get(w.t.Context(), w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := schedule.NewAPI(w.state).Answer(w.t.Context(), &dialect.Request{Tenant: &t, Path: schedule.Path, Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := a.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(body))
}

func TestSchedulesAreListedWithHowFarTheyAre(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z")
	if got, want := w.listed(), `{"schedules":[]}`; got != want {
		t.Errorf("none are listed as %s", got)
	}
	hourly := tenant.Schedule{ID: "h", Report: "test/events", Rate: "1 hour", Parameters: map[string]string{"group": "day"}}
	w.declare(nightly, hourly)
	if got, want := w.listed(), `{"schedules":[`+
		`{"id":"s","report":"test/events","cron":"15 3 * * *","nextRun":"2026-11-27T12:00:00.000Z","prefix":"schedules/acme/s/"},`+
		`{"id":"h","report":"test/events","rate":"1 hour","parameters":{"group":"day"},"nextRun":"2026-11-27T12:00:00.000Z","prefix":"schedules/acme/h/"}]}`; got != want {
		t.Errorf("at first they are listed as\n%s, want\n%s", got, want)
	}
	w.happen("2026-11-26T10:00:00Z")
	w.declare(nightly)
	w.run("2026-11-27T12:34:56Z")
	if got, want := w.listed(), `{"schedules":[{"id":"s","report":"test/events","cron":"15 3 * * *","nextRun":"2026-11-28T02:15:00.000Z","lastRun":"2026-11-27T12:34:56.000Z",`+
		`"deliveredUntil":"2026-11-26T23:00:00.000Z","countedUntil":"2026-11-27T12:00:00.000Z","prefix":"schedules/acme/s/","manifest":"schedules/acme/s/2026-11-26/manifest.json"}]}`; got != want {
		t.Errorf("then they are listed as\n%s, want\n%s", got, want)
	}
	w.fails, w.now = errors.New("no disk"), moment(t, "2026-11-28T12:00:00Z")
	if w.scheduler().Run(t.Context()) == nil || !strings.Contains(w.listed(), `"nextRun":"2026-11-28T02:15:00.000Z","lastRun":"2026-11-27T12:34:56.000Z"`) ||
		!strings.Contains(w.listed(), `"failure":"The report could not be made or stored; it is tried again every five minutes."`) {
		t.Errorf("a failure is listed as\n%s", w.listed())
	}
	w.fails, w.real = dialect.Refuse(403, "forbidden", "Not in this edition."), w.real.Add(time.Hour)
	if w.scheduler().Run(t.Context()) == nil || !strings.Contains(w.listed(), `"failure":"Not in this edition."`) {
		t.Errorf("a refusal is listed as\n%s", w.listed())
	}
	_, err := schedule.NewAPI(w.state).Answer(t.Context(), &dialect.Request{Tenant: &tenant.Tenant{ID: "acme"}, Path: schedule.Path, Query: url.Values{"id": {"s"}}})
	if refused, ok := errors.AsType[*dialect.Refusal](err); !ok || refused.Sentence() != "Parameter 'id' is unknown. Known parameters: none." {
		t.Errorf("a parameter: %v", err)
	}
}

func TestTheManifest(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.happen("2026-11-26T10:00:00Z")
	w.run("2026-11-27T12:00:00Z")
	w.real = w.real.Add(6 * time.Hour)
	w.happen("2026-11-26T09:00:00Z")
	w.run("2026-11-28T02:15:01Z")
	const want = `{
  "tenant": "acme",
  "schedule": "s",
  "report": "test/events",
  "zone": "Europe/Berlin",
  "day": "2026-11-26",
  "periods": [
    {
      "from": "2026-11-25T23:00:00.000Z",
      "to": "2026-11-26T23:00:00.000Z",
      "versions": [
        {
          "version": 1,
          "object": "2026-11-26.1.csv",
          "rows": 1,
          "bytes": 21,
          "sha256": "130c535240898723e6a043a2af852baf0aa1381fb89a4f803d00d40f2e490b7f",
          "countedUntil": "2026-11-27T12:00:00.000Z",
          "writtenAt": "2026-11-27T12:00:00.000Z"
        },
        {
          "version": 2,
          "object": "2026-11-26.2.csv",
          "rows": 2,
          "bytes": 42,
          "sha256": "4a7eb7b040e063000c3f8fc9e8e0628b445a22c551aff637fe20edcb790b5766",
          "countedUntil": "2026-11-27T18:00:00.000Z",
          "writtenAt": "2026-11-28T02:15:01.000Z"
        }
      ]
    }
  ]
}
`
	if got := w.bucket.objects["schedules/acme/s/2026-11-26/manifest.json"]; got != want {
		t.Errorf("the manifest is\n%s", got)
	}
}
