package verify_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/fold"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

// half is a system in which a random half of the events was folded, partly merged, the items
// to come, and the answers once they are folded too.
func half(t *testing.T, r *rand.Rand, length time.Duration, scale float64) (s *system, rest []table.Item, want map[[2]string]string) {
	t.Helper()
	base, items, right := centre(t, r, length, scale)
	want = right.answers()
	items = delivered(items, r)
	s = base.empty()
	n := len(items) * 8 / 10
	if err := apply(s.folder(), items[:n*3/4], 300); err != nil {
		t.Fatal(err)
	}
	s.merge()
	if err := apply(s.folder(), items[n*3/4:n], 300); err != nil {
		t.Fatal(err)
	}
	return s, items[n:], want
}

// work folds items, bundles the log and merges: what a crash interrupts.
func (s *system) work(f *fold.Folder, items []table.Item) error {
	for some := range slices.Chunk(items, 1+len(items)/3) {
		if err := apply(f, some, len(some)); err != nil {
			return err
		}
		if _, err := counter.Bundle(context.Background(), s.state, acme); err != nil {
			return err
		}
	}
	return counter.Merge(context.Background(), s.state, acme)
}

// TestCrashBetweenAnyTwoCalls kills fold and merge at every call they make, before
// it was done, after, or half-way; then a new process does it all again.
func TestCrashBetweenAnyTwoCalls(t *testing.T) {
	r := source(t)
	s, rest, want := half(t, r, 12*time.Hour, 0.01)
	faults := []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly}
	for k := 1; ; k++ {
		s := s.copy()
		fault := faults[r.IntN(len(faults))]
		plan := tabletest.CrashAt(k, fault)
		bad := s.with(tabletest.NewFaulty(s.journal, plan), tabletest.NewFaulty(s.state, plan))
		err := bad.work(bad.folder(), rest)
		if plan.Calls() < k {
			t.Logf("%d crashes", k-1)
			break
		}
		if err == nil {
			t.Fatalf("%v went unnoticed", plan.Log())
		}
		t.Run(plan.Log()[0], func(t *testing.T) {
			s.t = t
			if err := s.work(s.folder(), delivered(rest, r)); err != nil {
				t.Fatal(err)
			}
			s.alike(want)
		})
	}
}

// TestOneFailureAnywhere: the process goes on after a failure, with what it has in
// memory, and the stream delivers again.
func TestOneFailureAnywhere(t *testing.T) {
	r := source(t)
	s, rest, want := half(t, r, 12*time.Hour, 0.01)
	faults := []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly, tabletest.Throttle, tabletest.Conflict}
	for k := 1; ; k++ {
		s := s.copy()
		fault := faults[r.IntN(len(faults))]
		plan := tabletest.At(k, fault)
		bad := s.with(tabletest.NewFaulty(s.journal, plan), tabletest.NewFaulty(s.state, plan))
		f := bad.folder()
		if bad.work(f, rest) != nil {
			if err := bad.work(f, rest); err != nil {
				t.Fatalf("after %v: %v", plan.Log(), err)
			}
		}
		if plan.Calls() < k {
			break
		}
		s.alike(want)
		if t.Failed() {
			t.Fatalf("after %v", plan.Log())
		}
	}
}

// TestSomethingElseBetweenAnyTwoCalls: while one process folds and merges, another
// one does, from beginning to end, just before any of its calls. So merges that
// have become stale resume, and every race is lost once.
func TestSomethingElseBetweenAnyTwoCalls(t *testing.T) {
	r := source(t)
	s, rest, want := half(t, r, 12*time.Hour, 0.01)
	for k := 1; ; k++ {
		s := s.copy()
		mine, other := rest[:len(rest)*3/4], rest[len(rest)/2:]
		between := &interrupted{Table: s.state, k: k, what: func() {
			f := s.folder()
			n := r.IntN(len(other))
			if err := s.work(f, other[:n]); err != nil {
				t.Error(err)
			}
			if err := s.work(f, other[n:]); err != nil {
				t.Error(err)
			}
		}}
		slow := s.with(s.journal, between)
		if err := slow.work(slow.folder(), mine); err != nil {
			t.Fatal(err)
		}
		if between.calls < k {
			break
		}
		s.alike(want)
	}
}

// TestMergeBetweenTwoReadsOfAReport: the same answer, wherever a merge, or a part
// of one, falls between the reads.
func TestMergeBetweenTwoReadsOfAReport(t *testing.T) {
	r := source(t)
	s, rest, _ := half(t, r, 12*time.Hour, 0.01)
	for some := range slices.Chunk(rest, 1+len(rest)/3) {
		if err := apply(s.folder(), some, 20); err != nil {
			t.Fatal(err)
		}
		s.shorten()
	}
	questions := s.questions()
	asked := 0
	for k := 1; k < 20; k++ {
		r.Shuffle(len(questions), func(i, j int) { questions[i], questions[j] = questions[j], questions[i] })
		for n, q := range questions[:4] {
			s := s.copy()
			want := s.ask(s.state, q)
			between := &interrupted{Table: s.state, k: k, what: func() {
				switch n % 3 {
				case 0: // one that dies on its way
					plan := tabletest.CrashAt(2+r.IntN(8), tabletest.Partly)
					_ = counter.Merge(context.Background(), tabletest.NewFaulty(s.state, plan), acme)
				case 1:
					s.shorten()
				default:
					s.merge()
				}
			}}
			if got := s.ask(between, q); got != want {
				t.Fatalf("%v with a merge before read %d:\n%s", q, k, firstDifference(got, want))
			}
			if between.calls >= k {
				asked++
			}
		}
	}
	t.Logf("%d answers with a merge between two reads", asked)
}
