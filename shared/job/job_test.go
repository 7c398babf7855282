package job

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestWhatIsStoredKeepsItsMembers(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers, reflect.TypeFor[record]())
}

// place is where jobs and objects are, with a clock that tests move.
type place struct {
	t       *testing.T
	dir     string
	state   table.Table
	objects object.Store
	now     atomic.Pointer[time.Time]
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir()}
	db, err := embedded.Open(filepath.Join(p.dir, "db"), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p.state = db.Table("state")
	if p.objects, err = directory.Open(filepath.Join(p.dir, "files"), p.clock); err != nil {
		t.Fatal(err)
	}
	p.now.Store(&noon)
	return p
}

func (p *place) clock() time.Time { return *p.now.Load() }

func (p *place) later(d time.Duration) {
	t := p.clock().Add(d)
	p.now.Store(&t)
}

var (
	one    = Name{"acme", "one"}
	wanted = Wanted{Kind: "k", Report: "r", Format: "csv", Ending: ".csv", From: 1, To: 2}
)

func (p *place) ask(n Name) {
	p.t.Helper()
	if err := Ask(p.t.Context(), p.state, n.Tenant, n.ID, wanted, p.clock()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) find(n Name) *Job {
	p.t.Helper()
	j, err := Find(p.t.Context(), p.state, n.Tenant, n.ID, p.clock())
	if err != nil || j == nil {
		p.t.Fatalf("job %v: %v, %v", n, j, err)
	}
	return j
}

const content = "a\r\n1\r\n2\r\n"

// make writes the content in two pieces.
func (p *place) worker(in func()) *Worker {
	return &Worker{State: p.state, Objects: p.objects, Now: p.clock, Make: func(_ context.Context, j *Job, w io.Writer, progress func(Progress)) (Made, error) {
		if j.Report != "r" {
			return Made{}, errors.New("another job")
		}
		if _, err := io.WriteString(w, content[:4]); err != nil {
			return Made{}, err
		}
		progress(Progress{Rows: 1, Done: 1, Of: 2})
		in()
		_, err := io.WriteString(w, content[4:])
		return Made{Rows: 2, CountedUntil: noon}, err
	}}
}

// completed wants a job to be made, and nothing but its file to be there.
func (p *place) completed(n Name) {
	p.t.Helper()
	j := p.find(n)
	sum := sha256.Sum256([]byte(content))
	if j.State != Completed || j.Rows != 2 || j.Bytes != int64(len(content)) || !slices.Equal(j.SHA256, sum[:]) || !j.CountedUntil.Equal(noon) || j.Reason != "" {
		p.t.Fatalf("the job is %+v", j)
	}
	r, err := p.objects.Open(p.t.Context(), j.Object)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Close()
	if raw, err := io.ReadAll(r); string(raw) != content || err != nil {
		p.t.Errorf("the file is %q, %v", raw, err)
	}
	p.files(j.Object)
}

// files wants exactly these objects, no upload under way and no job that is not finished.
func (p *place) files(want ...string) {
	p.t.Helper()
	var got []string
	for info, err := range p.objects.List(p.t.Context(), "") {
		if err != nil {
			p.t.Fatal(err)
		}
		got = append(got, info.Key)
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the objects are %v, want %v", got, want)
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "files", "uploads", "*")); err != nil || len(left) > 0 {
		p.t.Errorf("of uploads %v is left, %v", left, err)
	}
	if names, err := Unfinished(p.t.Context(), p.state); err != nil || len(names) > 0 {
		p.t.Errorf("unfinished are %v, %v", names, err)
	}
}

func TestAJobIsMadeByOneOfManyWorkers(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	if names, err := Unfinished(t.Context(), p.state); err != nil || !slices.Equal(names, []Name{one}) {
		t.Errorf("unfinished are %v, %v", names, err)
	}
	var made, taken atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := p.worker(func() { made.Add(1); time.Sleep(50 * time.Millisecond) }).Run(t.Context(), one)
			switch {
			case errors.Is(err, ErrTaken):
				taken.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("it was made %d times, %d found it taken", made.Load(), taken.Load())
	}
	p.completed(one)
	if err := p.worker(func() { t.Error("a finished job is made again") }).Run(t.Context(), one); err != nil {
		t.Error(err)
	}
	if err := p.worker(nil).Run(t.Context(), Name{"acme", "none"}); err != nil {
		t.Errorf("a job that there is not: %v", err)
	}
}

func TestTheLeaseIsRenewedAndTellsHowFarItIs(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	w := p.worker(func() {
		for p.find(one).Progress != (Progress{1, 1, 2}) {
			time.Sleep(time.Millisecond)
		}
		p.later(Lease + time.Second) // it is over, if nobody renews it
		for p.clock().After(p.find(one).until) {
			time.Sleep(time.Millisecond)
		}
		if err := p.worker(func() { t.Error("two make it") }).Run(t.Context(), one); !errors.Is(err, ErrTaken) {
			t.Errorf("while it is made: %v", err)
		}
	})
	w.Lease = 50 * time.Millisecond // so that it is renewed soon
	if err := w.Run(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	p.completed(one)
}

func TestWhoLosesTheLeaseLeavesNothing(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	stuck, goOn := make(chan struct{}), make(chan struct{})
	lost := p.worker(func() { close(stuck); <-goOn })
	lost.Lease = time.Hour // it renews nothing
	ended := make(chan error, 1)
	go func() { ended <- lost.Run(t.Context(), one) }()
	<-stuck
	p.later(time.Hour + time.Second)
	if err := p.worker(func() {}).Run(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	p.completed(one)
	close(goOn)
	if err := <-ended; err == nil {
		t.Error("it is told that it made the job")
	}
	p.completed(one)
}

func TestAJobThatKeepsFailingFails(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	n := 0
	w := p.worker(func() {})
	w.Make = func(_ context.Context, _ *Job, w io.Writer, _ func(Progress)) (Made, error) {
		n++
		_, _ = io.WriteString(w, "half")
		return Made{}, errors.New("no such thing")
	}
	for range 100 {
		err := w.Run(t.Context(), one)
		if errors.Is(err, ErrTaken) { // a pause
			p.later(time.Second)
		}
		if p.find(one).State == Failed {
			break
		}
	}
	if j := p.find(one); n != mostFailures || j.State != Failed || !strings.Contains(j.Reason, "went wrong here, 5 times") || p.clock().Sub(noon) < 15*time.Second {
		t.Errorf("after %d tries and %s it is %+v", n, p.clock().Sub(noon), j)
	}
	p.files()
}

func TestWhatCannotBeMadeFailsAtOnce(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	w := p.worker(func() {})
	w.Make = func(context.Context, *Job, io.Writer, func(Progress)) (Made, error) {
		return Made{}, fmt.Errorf("making: %w", &ImpossibleError{"There is no such report any more."})
	}
	if err := w.Run(t.Context(), one); err == nil {
		t.Error("it says nothing")
	}
	if j := p.find(one); j.State != Failed || j.Reason != "There is no such report any more." {
		t.Errorf("it is %+v", j)
	}
	p.files()
}

// However often a job is tried that cannot be made yet, it is made once it can.
func TestAJobThatCannotBeMadeYetWaits(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	p.later(time.Minute)
	tried := 0
	w := p.worker(func() {})
	work := w.Make
	w.Make = func(context.Context, *Job, io.Writer, func(Progress)) (Made, error) {
		tried++
		return Made{}, fmt.Errorf("making: %w", &NotYetError{"Another version counts.", errors.New("version 3")})
	}
	for range mostTries + 10 {
		if err := w.Run(t.Context(), one); err == nil || errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "version 3") {
			t.Fatalf("a try gives %v", err)
		}
		if j := p.find(one); j.State != Pending || j.Making() || j.Reason != "Another version counts." {
			t.Fatalf("it is %+v", j)
		}
		if err := w.Run(t.Context(), one); !errors.Is(err, ErrTaken) {
			t.Fatalf("at once afterwards: %v", err)
		}
		p.later(notYetPause)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatalf("that it waits is told as %v", err)
		}
		p.later(notYetPause)
	}
	if tried != 2*(mostTries+10) {
		t.Errorf("it was tried %d times", tried)
	}
	w.Make = work
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.completed(one)
}

// A job does not wait for ever, and says at the end for what it did.
func TestAJobWaitsForADayAtMost(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	w := p.worker(func() {})
	w.Make = func(_ context.Context, _ *Job, w io.Writer, _ func(Progress)) (Made, error) {
		_, _ = io.WriteString(w, "half")
		return Made{}, &NotYetError{"Another version counts.", errors.New("version 3")}
	}
	p.later(mostWaiting - time.Second)
	if err := w.Run(t.Context(), one); err == nil || p.find(one).State != Pending {
		t.Errorf("before the day is over: %v, %+v", err, p.find(one))
	}
	p.later(notYetPause)
	if err := w.Run(t.Context(), one); err == nil {
		t.Error("it says nothing")
	}
	if j := p.find(one); j.State != Failed || j.Reason != "For 24 hours it could not be made. Another version counts. Ask again." {
		t.Errorf("it is %+v", j)
	}
	p.files()
}

func TestAProcessThatIsAskedToEndLetsOthersGoOn(t *testing.T) {
	p := newPlace(t)
	p.ask(one)
	for range mostFailures + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		if err := p.worker(cancel).Run(ctx, one); err == nil {
			t.Fatal("it is made all the same")
		}
	}
	if err := p.worker(func() {}).Run(t.Context(), one); err != nil {
		t.Fatalf("at once afterwards: %v", err)
	}
	p.completed(one)
}

func TestSweepFindsWhatWasLost(t *testing.T) {
	p := newPlace(t)
	two := Name{"acme", "two"}
	p.ask(one)
	p.later(Keep - time.Minute)
	p.ask(two)
	w := p.worker(func() {})
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.find(one).State != Completed || p.find(two).State != Pending {
		t.Error("what is old is not made, or what is new is")
	}
	p.later(time.Minute)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.find(two).State != Completed {
		t.Error("it is not swept up when its time has come")
	}
	if j, err := Find(t.Context(), p.state, one.Tenant, one.ID, p.clock()); j != nil || err != nil {
		t.Errorf("what has expired is %+v, %v", j, err)
	}
	p.ask(Name{"acme", "three"})
	p.later(Keep)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names, err := Unfinished(t.Context(), p.state); err != nil || len(names) > 0 {
		t.Errorf("of what has expired there is %v, %v", names, err)
	}
}

// Whoever asked first is served first, whatever the job is called.
func TestJobsThatWaitAreTakenByAge(t *testing.T) {
	p := newPlace(t)
	var asked, made []Name
	for _, n := range []Name{{"b", "z"}, {"c", "a"}, {"a", "m"}, {"b", "a"}, {"a", "a"}} {
		p.ask(n)
		asked = append(asked, n)
		p.later(time.Second)
	}
	if names, err := Unfinished(t.Context(), p.state); err != nil || !slices.Equal(names, asked) {
		t.Errorf("waiting are %v, want %v, %v", names, asked, err)
	}
	p.later(time.Minute)
	w := p.worker(func() {})
	work := w.Make
	w.Make = func(ctx context.Context, j *Job, to io.Writer, progress func(Progress)) (Made, error) {
		made = append(made, Name{j.Tenant, j.ID})
		return work(ctx, j, to, progress)
	}
	if err := w.Sweep(t.Context()); err != nil || !slices.Equal(made, asked) {
		t.Errorf("made are %v, want %v, %v", made, asked, err)
	}
}
