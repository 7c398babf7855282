package tabletest_test

import (
	"errors"
	"fmt"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

func put(sort string, c table.Cond) table.Op {
	return table.Op{Item: table.Item{Key: table.Key{Part: "p", Sort: sort}, Version: 1}, If: c}
}

func count(t *testing.T, tab table.Table) (n int) {
	t.Helper()
	for _, err := range tab.Query(t.Context(), table.Range{Part: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestFaultsDoWhatTheirNamesSay(t *testing.T) {
	for _, c := range []struct {
		fault             tabletest.Fault
		written, writtenE int // by a Write, and by a PutEach, of 4
		read              int // by a Query of 4
	}{
		{tabletest.None, 4, 4, 4},
		{tabletest.Before, 0, 0, 0},
		{tabletest.After, 4, 4, 4},
		{tabletest.Partly, 0, 2, 1},
		{tabletest.Throttle, 0, 0, 0},
		{tabletest.Conflict, 0, 0, 0},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			db, err := embedded.Open(t.TempDir(), embedded.NoSync)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			check := func(err error, transaction bool) {
				t.Helper()
				var conflict *table.ConflictError
				switch {
				case c.fault == tabletest.None:
					if err != nil {
						t.Error(err)
					}
				case c.fault == tabletest.Conflict && transaction:
					if !errors.As(err, &conflict) || len(conflict.Failed) != 0 {
						t.Errorf("got %v", err)
					}
				case c.fault == tabletest.Throttle || c.fault == tabletest.Conflict:
					if !errors.Is(err, table.ErrThrottled) {
						t.Errorf("got %v", err)
					}
				default:
					if !errors.Is(err, tabletest.ErrInjected) {
						t.Errorf("got %v", err)
					}
				}
			}
			ops := []table.Op{put("a", table.Absent), put("b", table.Absent), put("c", table.Absent), put("d", table.Absent)}
			faulty := func(tab table.Table) table.Table { return tabletest.NewFaulty(tab, tabletest.At(1, c.fault)) }

			w := db.Table("write")
			check(faulty(w).Write(t.Context(), ops...), true)
			if n := count(t, w); n != c.written {
				t.Errorf("write wrote %d records, want %d", n, c.written)
			}
			e := db.Table("each")
			_, err = faulty(e).PutEach(t.Context(), ops...)
			check(err, false)
			if n := count(t, e); n != c.writtenE {
				t.Errorf("put each wrote %d records, want %d", n, c.writtenE)
			}
			if _, err := e.PutEach(t.Context(), ops...); err != nil {
				t.Fatal(err)
			}
			n, failure := 0, error(nil)
			for _, err := range faulty(e).Query(t.Context(), table.Range{Part: "p"}) {
				if failure = err; err == nil {
					n++
				}
			}
			check(failure, false)
			if n != c.read {
				t.Errorf("query read %d records, want %d", n, c.read)
			}
		})
	}
}

func TestCrashAtStopsEverythingAfter(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	plan := tabletest.CrashAt(3, tabletest.After)
	a, b := tabletest.NewFaulty(db.Table("a"), plan), tabletest.NewFaulty(db.Table("b"), plan)
	for i := range 6 {
		tab := []table.Table{a, b}[i%2]
		if err := tab.Write(t.Context(), put(fmt.Sprint(i), table.Absent)); (err != nil) != (i >= 2) {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
	if na, nb := count(t, db.Table("a")), count(t, db.Table("b")); na != 2 || nb != 1 || plan.Calls() != 6 {
		t.Errorf("%d and %d records after %d calls: %v", na, nb, plan.Calls(), plan.Log())
	}
}

// The same seed gives the same faults, so that a failure can be repeated.
func TestRandomFaultsRepeat(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var logs [2][]string
	for i := range logs {
		plan := tabletest.Randomly(42, 0.3)
		f := tabletest.NewFaulty(db.Table("t"), plan)
		for n := range 50 {
			_ = f.Write(t.Context(), put(fmt.Sprint(n), table.Always))
		}
		logs[i] = plan.Log()
	}
	if fmt.Sprint(logs[0]) != fmt.Sprint(logs[1]) || len(logs[0]) < 5 {
		t.Errorf("the same seed gave %v and %v", logs[0], logs[1])
	}
}
