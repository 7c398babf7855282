package embedded_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

func rec(part, sort string, version uint64, expires int64) table.Item {
	return table.Item{Key: table.Key{Part: part, Sort: sort}, Value: []byte(sort), Version: version, Expires: expires}
}

func mustPut(t testing.TB, tab table.Table, items ...table.Item) {
	t.Helper()
	var ops []table.Op
	for _, it := range items {
		ops = append(ops, table.Op{Item: it})
	}
	if _, err := tab.PutEach(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func sorts(t testing.TB, tab table.Table, part string) (s []string) {
	t.Helper()
	for it, err := range tab.Query(t.Context(), table.Range{Part: part}) {
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, it.Sort)
	}
	return s
}

func TestFeedContract(t *testing.T) {
	tabletest.RunFeed(t, func(t *testing.T) tabletest.FeedTable {
		dir := t.TempDir()
		db, err := embedded.Open(dir, embedded.NoSync)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		ft := db.FeedTable("t")
		return tabletest.FeedTable{Table: ft, Feed: ft, Reopen: func(t *testing.T) table.Feed {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := embedded.Open(dir, embedded.NoSync)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db.FeedTable("t")
		}}
	})
}

func TestASequenceIsNeverGivenOutAgain(t *testing.T) {
	dir := t.TempDir()
	last := ""
	for round := range 3 { // the feed is empty at every restart
		db, err := embedded.Open(dir, embedded.NoSync)
		if err != nil {
			t.Fatal(err)
		}
		ft := db.FeedTable("t")
		mustPut(t, ft, rec("p", "s", uint64(round+1), 0))
		changes, err := ft.Next(t.Context(), "0", 10)
		if err != nil || len(changes) != 1 || changes[0].Sequence <= last {
			t.Fatalf("after %q: %v, %v", last, changes, err)
		}
		last = changes[0].Sequence
		if err := ft.Acknowledge(t.Context(), "0", last); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryHandleOfATableWithAFeedFeedsIt(t *testing.T) {
	db := open(t)
	ft := db.FeedTable("t")
	mustPut(t, ft, rec("p", "1", 1, 0))
	mustPut(t, db.Table("t"), rec("p", "2", 1, 0))
	mustPut(t, db.Table("u"), rec("p", "3", 1, 0))
	changes, err := ft.Next(t.Context(), "0", 10)
	if err != nil || len(changes) != 2 {
		t.Errorf("got %d changes, %v", len(changes), err)
	}
}

func TestChangedWakesThePoller(t *testing.T) {
	db := open(t)
	ft := db.FeedTable("t")
	woken := make(chan int)
	go func() {
		<-db.FeedTable("t").Changed()
		changes, _ := ft.Next(t.Context(), "0", 10)
		woken <- len(changes)
	}()
	mustPut(t, ft, rec("p", "1", 1, 0))
	select {
	case n := <-woken:
		if n != 1 {
			t.Errorf("woken to %d changes", n)
		}
	case <-time.After(5 * time.Second):
		t.Error("never woken")
	}
}

func TestTablesOfOneFileAreApart(t *testing.T) {
	db := open(t)
	a, b := db.Table("a"), db.Table("b")
	mustPut(t, a, rec("p", "a", 1, 0))
	mustPut(t, b, rec("p", "b", 1, 0))
	if got := fmt.Sprint(sorts(t, a, "p"), sorts(t, b, "p")); got != "[a] [b]" {
		t.Error(got)
	}
}

func TestExpireDeletesWhatIsDueAndNothingElse(t *testing.T) {
	db := open(t)
	a, b := db.Table("a"), db.Table("b")
	mustPut(t, a, rec("p", "never", 1, 0), rec("p", "past", 1, 999), rec("p", "now", 1, 1000), rec("p", "long past", 1, -5),
		rec("p", "put off", 1, 900), rec("p", "made lasting", 1, 900), rec("p", "brought forward", 1, 2000), rec("p", "again", 1, 900))
	mustPut(t, a, rec("p", "put off", 2, 1001), rec("p", "made lasting", 2, 0), rec("p", "brought forward", 2, 10), rec("p", "again", 2, 900))
	mustPut(t, b, rec("p", "other table", 1, 10), rec("p", "deleted", 1, 10))
	if err := b.Write(t.Context(), table.Op{Verb: table.Delete, Item: table.Item{Key: table.Key{Part: "p", Sort: "deleted"}}}); err != nil {
		t.Fatal(err)
	}
	var total int
	for n := -1; n != 0; total += n { // two at a time
		var err error
		if n, err = db.Expire(t.Context(), time.Unix(1000, 0), 2); err != nil || n > 2 {
			t.Fatal(n, err)
		}
	}
	got := fmt.Sprint(total, sorts(t, a, "p"), sorts(t, b, "p"))
	if want := "5 [made lasting never now put off] []"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestConcurrentWritesShareACommit(t *testing.T) {
	db, err := embedded.Open(t.TempDir()) // with fsync, so that a commit takes time
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tab := db.Table("t")
	mustPut(t, tab, rec("p", "taken", 1, 0))
	before := db.Commits()
	var wg sync.WaitGroup
	const writers = 200
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			it := rec("p", fmt.Sprint(i), 1, 0)
			if i%4 == 0 { // a condition that fails is nobody else's trouble
				it.Sort = "taken"
			}
			errs[i] = tab.Write(t.Context(), table.Op{Item: it, If: table.Absent})
		})
	}
	wg.Wait()
	for i, err := range errs {
		var conflict *table.ConflictError
		if errors.As(err, &conflict) != (i%4 == 0) || err != nil && conflict == nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := db.Commits() - before; n > writers/2 {
		t.Errorf("%d writes took %d commits", writers, n)
	}
	before = db.Commits()
	var ops []table.Op
	for i := range 500 {
		ops = append(ops, table.Op{Item: rec("q", fmt.Sprint(i), 1, 0), If: table.Absent})
	}
	if _, err := tab.PutEach(t.Context(), ops...); err != nil || db.Commits()-before != 1 {
		t.Errorf("PutEach of 500 took %d commits, %v", db.Commits()-before, err)
	}
}

func TestASlowReaderHoldsNothingUp(t *testing.T) {
	db := open(t)
	tab := db.Table("t")
	var items []table.Item
	for i := range 1000 {
		items = append(items, rec("p", fmt.Sprintf("%04d", i), 1, 0))
	}
	mustPut(t, tab, items...)
	n := 0
	for it, err := range tab.Query(t.Context(), table.Range{Part: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100 == 50 {
			if open := db.OpenReads(); open != 0 {
				t.Fatalf("%d read transactions are open while the consumer works", open)
			}
			mustPut(t, tab, rec("p", it.Sort, 2, 0))
		}
	}
	if n != 1000 {
		t.Errorf("read %d of 1000 records", n)
	}
}

func TestAfterCloseEveryCallSaysSo(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	tab := db.FeedTable("t")
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	k := table.Key{Part: "p", Sort: "s"}
	_, getErr := tab.Get(t.Context(), k)
	_, eachErr := tab.PutEach(t.Context(), table.Op{Item: rec("p", "s", 1, 0)})
	_, nextErr := tab.Next(t.Context(), "0", 1)
	for _, err := range []error{getErr, eachErr, nextErr, tab.Write(t.Context(), table.Op{Item: rec("p", "s", 1, 0)}), tab.Acknowledge(t.Context(), "0", "1")} {
		if !errors.Is(err, embedded.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
}

func TestUsageCountsCalls(t *testing.T) {
	db := open(t)
	tab := db.Table("t")
	if _, err := tab.PutEach(t.Context(), table.Op{Item: rec("p", "s", 1, 0)}, table.Op{Item: rec("p", "t", 1, 0)}); err != nil {
		t.Fatal(err)
	}
	sorts(t, tab, "p")
	if got, want := tab.Usage(), (table.Usage{Writes: 1, Reads: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}
