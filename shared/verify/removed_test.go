package verify_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/verify"
)

// forget takes events of entities out of the journal and folds them again, so that their
// facts are removed; nothing is merged.
func (s *system) forget(entities ...journal.Entity) {
	s.t.Helper()
	for _, e := range entities {
		var ops []table.Op
		for item, err := range s.journal.Query(context.Background(), table.Range{Part: table.Join(acme, e.Kind, e.ID)}) {
			if err != nil {
				s.t.Fatal(err)
			}
			ops = append(ops, remove(item))
		}
		if err := s.journal.Write(context.Background(), ops...); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.folder().Refold(context.Background(), entities...); err != nil {
		s.t.Fatal(err)
	}
}

// some are some of the entities that there are facts of, of each kind.
func (s *system) some(r *rand.Rand) (out []journal.Entity) {
	s.t.Helper()
	seen := map[journal.Entity]bool{}
	for item, err := range s.state.Scan(context.Background(), acme+"/") {
		if err != nil {
			s.t.Fatal(err)
		}
		if e, ok := facts.EntityOf(item.Key); ok && !seen[e] && !strings.HasPrefix(item.Part, acme+"/dir/") {
			if seen[e] = true; r.IntN(4) == 0 {
				out = append(out, e)
			}
		}
	}
	return out
}

// Between the removal of facts and the next merge, what they contributed stands in blocks,
// and the log takes it back.
func TestFactsThatWereRemovedAndNotMerged(t *testing.T) {
	r := source(t)
	for name, last := range map[string]func(s *system){
		"merged before":     (*system).merge,
		"merged in part":    (*system).mergeStep,
		"bundled":           (*system).shorten,
		"not merged at all": func(*system) {},
	} {
		t.Run(name, func(t *testing.T) {
			s, rest, _ := half(t, r, 14*time.Hour, 0.01)
			last(s)
			if err := apply(s.folder(), rest[:len(rest)/2], 20); err != nil { // the log names some of them
				t.Fatal(err)
			}
			s.forget(s.stale(rest[len(rest)/2:])...)
			s.run(verify.Options{Days: 1}, 0)
			for range 3 {
				s.forget(s.some(r)...)
				s.run(verify.Options{Days: 1}, 0)
			}
			s.shorten()
			s.run(verify.Options{Days: 1}, 0)
			s.merge()
			s.verify()
		})
	}
}

// stale are the entities of items that are not folded: the journal is to know nothing of them.
func (s *system) stale(items []table.Item) (out []journal.Entity) {
	s.t.Helper()
	seen := map[journal.Entity]bool{}
	for _, item := range items {
		if journal.IsNote(item) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			s.t.Fatal(err)
		}
		if !seen[rec.Entity] {
			seen[rec.Entity], out = true, append(out, rec.Entity)
		}
	}
	return out
}

// scanned is a table where something happens before the k-th record that scans yield, and
// what is yielded from there on is as it is then.
type scanned struct {
	table.Table
	scans, k, n int
	what        func()
}

func (s *scanned) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	s.scans++
	return func(yield func(table.Item, error) bool) {
		done := map[table.Key]bool{}
		for again := true; again; {
			again = false
			for item, err := range s.Table.Scan(ctx, prefix) {
				if done[item.Key] {
					continue
				}
				if s.n++; s.n == s.k {
					again = true
					break
				}
				if done[item.Key] = true; !yield(item, err) {
					return
				}
			}
			if again {
				s.what()
			}
		}
	}
}

// Facts may also be removed while verify reads them, before it comes to them or after.
func TestFactsThatAreRemovedWhileTheyAreRead(t *testing.T) {
	r := source(t)
	s, rest, _ := half(t, r, 14*time.Hour, 0.003)
	s.forget(s.stale(rest)...)
	var gone []journal.Entity
	for len(gone) == 0 {
		gone = s.some(r)
	}
	gone = gone[:1]
	records := 0
	for _, err := range s.state.Scan(t.Context(), acme+"/") {
		if err != nil {
			t.Fatal(err)
		}
		records++
	}
	// The first pass lists the entities; the second one reads facts and counters.
	for k := records + 1; k <= 2*records; k += 1 + r.IntN(1+records/20) {
		c := s.copy()
		c.journal = c.without(gone)
		odd := &scanned{Table: c.state, k: k, what: func() {
			if err := c.folder().Refold(t.Context(), gone...); err != nil {
				t.Error(err)
			}
		}}
		report, err := verify.Run(t.Context(), c.journal, odd, verify.Options{Tenant: acme, Wait: time.Millisecond, Tries: 3, Days: 1, Now: s.clock})
		if err != nil {
			t.Fatal(err)
		}
		// What is stored is compared with the journal before the removal, counters after it.
		for _, d := range report.Differences {
			if d.What != "fact" {
				t.Fatalf("removed before record %d of %d: %v", k-records, records, d)
			}
		}
		c.verify()
	}
}

// without is a journal that knows nothing of some entities.
func (s *system) without(entities []journal.Entity) table.Table {
	s.t.Helper()
	out := s.db.Table("journal" + time.Now().Format(".000000000"))
	skip := map[string]bool{}
	for _, e := range entities {
		skip[table.Join(e.Tenant, e.Kind, e.ID)] = true
	}
	var ops []table.Op
	for item, err := range s.journal.Scan(context.Background(), acme+"/") {
		if err != nil {
			s.t.Fatal(err)
		}
		if !skip[item.Part] {
			ops = append(ops, table.Op{Item: item})
		}
	}
	if _, err := out.PutEach(context.Background(), ops...); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// However many days there are, the state is read twice: once to list what there is, once to
// compare it.
func TestTheStateIsReadTwice(t *testing.T) {
	s := newSystem(t, start.Add(40*24*time.Hour))
	var events []event.Event
	for day := range 40 {
		events = append(events, simulated(uint64(day), start.AddDate(0, 0, day).Add(9*time.Hour), time.Hour, 0.002)...)
	}
	if err := apply(s.folder(), s.append(events), 500); err != nil {
		t.Fatal(err)
	}
	s.merge()
	counted := &scanned{Table: s.state, k: -1}
	if report := s.with(s.journal, counted).run(verify.Options{Days: 1}, 0); report.Blocks < 40 || counted.scans != 2 {
		t.Errorf("%d blocks, the state is read %d times", report.Blocks, counted.scans)
	}
}
