package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// What is to be looked at again comes back as it was put, also out of files.
func TestWhatIsToBeLookedAtAgainComesBack(t *testing.T) {
	dir := t.TempDir()
	q := &queue{spill: newSpill(dir, 1)}
	many := map[uint32]bool{}
	for i := range uint32(spillBytes / 4 / 3) {
		many[i*7] = true
	}
	const n = 5
	for i := range n {
		l := late{Entity: journal.Entity{Tenant: "acme", Kind: "chat", ID: fmt.Sprint("c/", i)}, looked: true, stands: uint64(i), lacks: map[uint32]bool{uint32(i): true}}
		if i%2 == 0 {
			l.lacks = many
		}
		if err := q.put(&l); err != nil {
			t.Fatal(err)
		}
	}
	if q.end == 0 {
		t.Fatal("nothing is in a file")
	}
	i := 0
	for l, err := range q.all() {
		want := map[uint32]bool{uint32(i): true}
		if i%2 == 0 {
			want = many
		}
		if err != nil || !l.looked || l.stands != uint64(i) || l.ID != fmt.Sprint("c/", i) || !maps.Equal(l.lacks, want) {
			t.Fatalf("number %d is of %+v, stands at %d and lacks %d, %v", i, l.Entity, l.stands, len(l.lacks), err)
		}
		i++
	}
	if err := q.close(); err != nil || i != n || q.n != n {
		t.Errorf("%d came back, %d counted, %v", i, q.n, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

// turns yields a scan twice, as segments that take turns would yield a partition again and again.
type turns struct{ table.Table }

func (s turns) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for range 2 {
			for item, err := range s.Table.Scan(ctx, prefix) {
				if !yield(item, err) {
					return
				}
			}
		}
	}
}

// However an entity comes up, in the journal, as a fact or both, it is listed once, in order.
func TestEntitiesAreListedOnceAndInOrder(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	events, state := db.Table("journal"), db.Table("state")
	var ops [2][]table.Op
	want := map[string]bool{}
	for i := range 2*remembered + 10 {
		e := journal.Entity{Tenant: "acme", Kind: []string{"visitor", "chat"}[i%2], ID: fmt.Sprint("x/", i)}
		want[table.Join(e.Kind, e.ID)] = true
		for n, key := range []table.Key{{Part: table.Join(e.Tenant, e.Kind, e.ID), Sort: "e"}, {Part: table.Join(e.Tenant, "fact", e.Kind, e.ID), Sort: "-"}} {
			if i%3 != n { // some only in one
				ops[n] = append(ops[n], table.Op{Item: table.Item{Key: key, Version: 1}})
			}
		}
	}
	for n, to := range []table.Table{events, state} {
		if _, err := to.PutEach(t.Context(), ops[n]...); err != nil {
			t.Fatal(err)
		}
	}
	v := verifier{Options: Options{Tenant: "acme", Dir: t.TempDir()}, events: turns{events}, state: turns{state}, days: map[cell.Day]int{}}
	var got []string
	for l, err := range v.entities(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, table.Join(l.Kind, l.ID))
	}
	if all := slices.Sorted(maps.Keys(want)); !slices.Equal(got, all) {
		t.Errorf("%d are listed, want %d", len(got), len(all))
	}
}

// Where there is no room for temporary files, listing ends with an error, whatever comes after.
func TestListingEndsWhereNothingCanBeSorted(t *testing.T) {
	defer func(n int) { sortedAtOnce = n }(sortedAtOnce)
	sortedAtOnce = 10
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	events := db.Table("journal")
	var ops []table.Op
	for i := range 2000 {
		ops = append(ops, table.Op{Item: table.Item{Key: table.Key{Part: table.Join("acme", "chat", fmt.Sprint(i)), Sort: "e"}, Version: 1}})
	}
	if _, err := events.PutEach(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v := verifier{Options: Options{Tenant: "acme", Dir: filepath.Join(file, "no-directory")}, events: events, state: db.Table("state"), days: map[cell.Day]int{}}
	for l, err := range v.entities(ctx) {
		if err == nil {
			t.Fatalf("%v is listed", l.Entity)
		}
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("%v, want that there is no directory", err)
		}
	}
}
