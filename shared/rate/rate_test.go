package rate_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/shared/rate"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("state")
}

// Within any minute there are never more calls than may be, and a call is refused only
// where one more would be too many.
func TestNoMinuteHasMore(t *testing.T) {
	state, limit := open(t), rate.Limit{Name: "queries", Calls: 7, Per: time.Minute}
	r := rand.New(rand.NewPCG(1, 2))
	now := noon
	var taken []time.Time
	within := func(at time.Time) (n int) {
		for _, t := range taken {
			if at.Sub(t) < time.Minute {
				n++
			}
		}
		return n
	}
	for range 400 {
		now = now.Add(time.Duration(r.IntN(15_000)) * time.Millisecond)
		a, err := limit.Take(t.Context(), state, "acme", now)
		if err != nil {
			t.Fatal(err)
		}
		before := within(now)
		if a.OK != (before < 7) || a.OK && a.Left != 6-before {
			t.Fatalf("%s: %+v with %d before", now, a, before)
		}
		if a.OK {
			taken = append(taken, now)
		} else if wait := a.Again.Sub(now); wait <= 0 || wait > time.Minute || within(a.Again) != 6 {
			t.Fatalf("%s: again at %s, when %d count", now, a.Again, within(a.Again))
		}
	}
	if len(taken) < 100 || len(taken) == 400 {
		t.Errorf("%d of 400 calls were taken", len(taken))
	}
}

func TestTenantsAndNamesAreCountedApart(t *testing.T) {
	state := open(t)
	one := rate.Limit{Name: "a", Calls: 1, Per: time.Minute}
	other := rate.Limit{Name: "b", Calls: 1, Per: time.Minute}
	for _, c := range []struct {
		limit  rate.Limit
		tenant string
		want   bool
	}{{one, "acme", true}, {one, "acme", false}, {one, "beta", true}, {other, "acme", true}, {other, "beta", true}, {other, "beta", false}} {
		if a, err := c.limit.Take(t.Context(), state, c.tenant, noon); err != nil || a.OK != c.want {
			t.Errorf("%s of %s: %+v, %v", c.limit.Name, c.tenant, a, err)
		}
	}
}

// Of calls at once as many are taken as may be.
func TestCallsAtOnce(t *testing.T) {
	state, limit := open(t), rate.Limit{Name: "queries", Calls: 60, Per: time.Minute}
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 150 {
		wg.Go(func() {
			if a, err := limit.Take(t.Context(), state, "acme", noon); err != nil {
				t.Error(err)
			} else if a.OK {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if n := taken.Load(); n != 60 {
		t.Errorf("%d were taken", n)
	}
}

func TestLookingCountsNothing(t *testing.T) {
	state, limit := open(t), rate.Limit{Name: "a", Calls: 2, Per: time.Minute}
	for taken := range 3 {
		for range 3 {
			a, err := limit.Look(t.Context(), state, "acme", noon)
			again := noon
			if taken > 0 {
				again = noon.Add(time.Minute)
			}
			if err != nil || a.Left != 2-taken || a.OK != (taken < 2) || !a.Again.Equal(again) {
				t.Errorf("after %d calls: %+v, %v", taken, a, err)
			}
		}
		if _, err := limit.Take(t.Context(), state, "acme", noon); err != nil {
			t.Fatal(err)
		}
	}
}
