package tabletest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"chatreports/shared/table"
)

// parallel runs fn n times at once and fails the test on the first error.
func parallel(t *testing.T, n int, fn func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func oneWinner(t *testing.T, tab table.Table) {
	for round := range 5 {
		k := key("p", fmt.Sprint(round))
		var winners atomic.Int64
		var winner atomic.Uint64
		parallel(t, 16, func(i int) error {
			op := put(item(k.Part, k.Sort, fmt.Sprint(i), uint64(i+1)), table.Absent)
			var won bool
			switch i % 3 {
			case 0, 1: // alone, and in a transaction
				ops := []table.Op{op}
				if i%3 == 1 {
					ops = append(ops, put(item("q", fmt.Sprint(round, i), "v", 1), table.Always))
				}
				err := write(t.Context(), tab, ops...)
				var conflict *table.ConflictError
				if err != nil && !errors.As(err, &conflict) {
					return err
				}
				won = err == nil
			default:
				stood, err := tab.PutEach(t.Context(), op)
				if err != nil {
					return err
				}
				if won = stood[0] == nil; !won && stood[0].Version == 0 {
					return fmt.Errorf("put if absent of %q did not hold, and nothing stood there", k)
				}
			}
			if won {
				winners.Add(1)
				winner.Store(uint64(i + 1))
			}
			return nil
		})
		got := mustGet(t, tab, k)[0]
		if winners.Load() != 1 || got.Version != winner.Load() {
			t.Fatalf("%d winners, the last %d; stored is %d", winners.Load(), winner.Load(), got.Version)
		}
	}
}

// increment adds 1 to the number in a record, as often as it takes.
func increment(ctx context.Context, tab table.Table, k table.Key, more ...table.Op) error {
	for {
		items, err := tab.Get(ctx, k)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(items[0].Value))
		next := item(k.Part, k.Sort, strconv.Itoa(n+1), items[0].Version+1)
		err = write(ctx, tab, append([]table.Op{put(next, table.VersionIs(items[0].Version))}, more...)...)
		if _, ok := errors.AsType[*table.ConflictError](err); !ok {
			return err
		}
	}
}

func noLostUpdate(t *testing.T, tab table.Table) {
	const writers, each = 6, 15
	k := key("p", "counter")
	parallel(t, writers, func(i int) error {
		for range each {
			var more []table.Op
			if i%2 == 0 { // transactions and single writes against each other
				more = []table.Op{check(key("p", "none"), table.Absent)}
			}
			if err := increment(t.Context(), tab, k, more...); err != nil {
				return err
			}
		}
		return nil
	})
	wantItems(t, mustGet(t, tab, k), item("p", "counter", strconv.Itoa(writers*each), writers*each))
}

// transfers moves amounts between accounts; each write also logs itself, as the
// next number if absent, so that the log has no gaps.
func transfers(t *testing.T, tab table.Table) {
	const accounts, writers, each = 4, 4, 8
	for i := range accounts {
		mustPut(t, tab, item("account", fmt.Sprint(i), "100", 1))
	}
	var next atomic.Int64
	parallel(t, writers, func(w int) error {
		for i := range each {
			from, to := key("account", fmt.Sprint((w+i)%accounts)), key("account", fmt.Sprint((w+2*i+1)%accounts))
			if from == to {
				to = key("account", fmt.Sprint((w+i+1)%accounts))
			}
			for {
				n := next.Load() + 1
				got, err := tab.Get(t.Context(), from, to)
				if err != nil {
					return err
				}
				a, _ := strconv.Atoi(string(got[0].Value))
				b, _ := strconv.Atoi(string(got[1].Value))
				err = write(t.Context(), tab,
					put(item(from.Part, from.Sort, strconv.Itoa(a-7), got[0].Version+1), table.VersionIs(got[0].Version)),
					put(item(to.Part, to.Sort, strconv.Itoa(b+7), got[1].Version+1), table.VersionIs(got[1].Version)),
					put(item("log", fmt.Sprintf("%04d", n), "7", uint64(n)), table.Absent))
				if err == nil {
					next.CompareAndSwap(n-1, n)
					break
				}
				if _, ok := errors.AsType[*table.ConflictError](err); !ok {
					return err
				}
				if taken, err := tab.Get(t.Context(), key("log", fmt.Sprintf("%04d", n))); err != nil {
					return err
				} else if taken[0].Version != 0 {
					next.CompareAndSwap(n-1, n)
				}
			}
		}
		return nil
	})
	sum, versions := 0, uint64(0)
	for _, it := range mustCollect(t, tab.Query(t.Context(), table.Range{Part: "account"})) {
		n, _ := strconv.Atoi(string(it.Value))
		sum, versions = sum+n, versions+it.Version-1
	}
	if sum != accounts*100 || versions != 2*writers*each {
		t.Errorf("the accounts hold %d after %d updates, want %d after %d", sum, versions, accounts*100, 2*writers*each)
	}
	for i, it := range mustCollect(t, tab.Query(t.Context(), table.Range{Part: "log"})) {
		if it.Version != uint64(i+1) {
			t.Fatalf("log entry %d stands at place %d", it.Version, i+1)
		}
	}
}

func readYourWrites(t *testing.T, tab table.Table) {
	parallel(t, 4, func(w int) error {
		part := fmt.Sprint("p", w)
		for i := range uint64(15) {
			it := item(part, "s", "v", i+1)
			if err := write(t.Context(), tab, put(it, table.VersionIs(i))); err != nil {
				return err
			}
			got, err := tab.Get(t.Context(), it.Key)
			if err != nil {
				return err
			}
			if v := got[0].Version; v != i+1 {
				return fmt.Errorf("get after writing version %d: version %d", i+1, v)
			}
			for q, err := range tab.Query(t.Context(), table.Range{Part: part}) {
				if err != nil {
					return err
				}
				if q.Version != i+1 {
					return fmt.Errorf("query after writing version %d: version %d", i+1, q.Version)
				}
			}
		}
		return nil
	})
}

func cancelled(t *testing.T, tab table.Table) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	it := item("p", "s", "v", 1)
	_, getErr := tab.Get(ctx, it.Key)
	writeErr := tab.Write(ctx, put(it, table.Always))
	_, eachErr := tab.PutEach(ctx, put(it, table.Always))
	for _, err := range []error{getErr, writeErr, eachErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
	if it := mustGet(t, tab, it.Key)[0]; it.Version != 0 {
		t.Error("a call with a context cancelled before has written")
	}
}
