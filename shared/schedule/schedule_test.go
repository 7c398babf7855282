package schedule_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/tenant"
)

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
	if n := strings.Count(w.delivered(), "\n") + 1; n != 4+35 {
		t.Errorf("after months there are %d days, want the last 35 beside the 4", n)
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

// A period counts by its end: a month is delivered, and delivered again, on whichever day of the
// next one it is time, though it began more than 35 days ago.
func TestLongPeriodsAreDeliveredByTheirEnds(t *testing.T) {
	for _, c := range []struct{ period, cron, first, second, third, inFirst, inSecond, want string }{
		{
			"month", "0 6 10 * *", "2026-09-10T12:00:00Z", "2026-10-10T12:00:00Z", "2026-11-10T12:00:00Z", "2026-09-01T10:00:00Z", "2026-10-01T10:00:00Z", `
s/2026-08-01/2026-08-01.1.csv rows=0 v1
s/2026-09-01/2026-09-01.3.csv rows=2 v2
s/2026-10-01/2026-10-01.3.csv rows=1 v1`,
		},
		{
			"month", "0 6 1 * *", "2026-09-01T12:00:00Z", "2026-10-01T12:00:00Z", "2026-11-06T12:00:00Z", "2026-09-01T10:00:00Z", "2026-10-01T10:00:00Z", `
s/2026-08-01/2026-08-01.1.csv rows=0 v1
s/2026-09-01/2026-09-01.3.csv rows=2 v2
s/2026-10-01/2026-10-01.3.csv rows=1 v1`,
		},
		{ // runs are missed for six weeks: the week that ended 34 days ago is delivered
			"week", "0 6 * * mon", "2026-09-01T12:00:00Z", "2026-09-07T12:00:00Z", "2026-10-18T12:00:00Z", "2026-09-01T10:00:00Z", "2026-09-14T10:00:00Z", `
s/2026-08-24/2026-08-24.1.csv rows=0 v1
s/2026-08-31/2026-08-31.3.csv rows=2 v2
s/2026-09-07/2026-09-07.3.csv rows=0 v1
s/2026-09-14/2026-09-14.3.csv rows=1 v1
s/2026-09-21/2026-09-21.3.csv rows=0 v1
s/2026-09-28/2026-09-28.3.csv rows=0 v1
s/2026-10-05/2026-10-05.3.csv rows=0 v1`,
		},
	} {
		w := newWorld(t, c.first, tenant.Schedule{ID: "s", Report: "test/events", Cron: c.cron, Period: c.period})
		w.run(c.first)
		w.happen(c.inFirst)
		w.run(c.second)
		w.happen(c.inFirst, c.inSecond)
		w.run(c.third)
		w.expect(c.cron+" of a "+c.period, c.want)
	}
}

// A run delivers all since the run before, however long ago that was meant to be. Of what runs
// were missed for, it delivers what ended within 35 days.
func TestRunsThatAreFarApartLeaveNothingOut(t *testing.T) {
	w := newWorld(t, "2026-07-01T12:00:00Z", tenant.Schedule{ID: "s", Report: "test/events", Cron: "0 6 1 jan,apr,jul,oct *", Period: "month"})
	w.run("2026-07-01T12:00:00Z")
	w.happen("2026-07-02T12:00:00Z")
	w.run("2026-10-12T12:00:00Z")
	want := `
s/2026-06-01/2026-06-01.1.csv rows=0 v1
s/2026-07-01/2026-07-01.2.csv rows=1 v1
s/2026-08-01/2026-08-01.2.csv rows=0 v1
s/2026-09-01/2026-09-01.2.csv rows=0 v1`
	w.expect("when none was missed", want)
	w.run("2027-07-01T12:00:00Z")
	w.expect("when two were missed", want+`
s/2027-05-01/2027-05-01.3.csv rows=0 v1
s/2027-06-01/2027-06-01.3.csv rows=0 v1`)
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
