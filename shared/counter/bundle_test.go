package counter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// ledger is a tenant's log, and what all of it adds up to.
type ledger struct {
	t     *testing.T
	r     *rand.Rand
	state table.Table
	seq   uint64
	sums  map[cell.ID]int64
	open  []cell.Difference
}

var ledgerDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli()

func newLedger(t *testing.T, r *rand.Rand) *ledger {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &ledger{t: t, r: r, state: db.Table("state"), sums: map[cell.ID]int64{}}
}

// list lists the tenant.
func (l *ledger) list() {
	l.t.Helper()
	if err := l.state.Write(context.Background(), List("acme", false)); err != nil {
		l.t.Fatal(err)
	}
}

// commit appends some differences, of which many take back what others said. It says how
// many bytes they take.
func (l *ledger) commit(n int) int {
	l.t.Helper()
	site := measure.Dims{{Dim: measure.Site}}
	var diffs []cell.Difference
	for range n {
		at := ledgerDay + l.r.Int64N(8)*cell.QuarterMillis/2
		d := cell.Difference{Fact: fmt.Sprint("chat/", l.r.IntN(20)), Contribution: measure.Contribution{At: at, N: l.r.Int64N(5) - 2, Dims: site}}
		switch l.r.IntN(4) {
		case 0:
			d.Measure, d.Key = measure.Documents, fmt.Sprint("document ", l.r.IntN(9))
		case 1:
			d.Measure, d.Key = measure.ChatsByPage, fmt.Sprint("page ", l.r.IntN(9))
		case 2:
			d.Measure = measure.ChatRequests
		default:
			d.Measure, d.Until, d.N = measure.Ongoing, measure.Forever, 1-2*l.r.Int64N(2)
			l.open = append(l.open, d)
		}
		diffs = append(diffs, d)
		sums := cell.Sums{}
		sums.Add(&d.Contribution, cell.Day(ledgerDay).Quarters())
		for _, block := range sums {
			for id, n := range block {
				l.sums[id] += n
			}
		}
	}
	l.seq++
	op, size := Add("acme", l.seq, diffs, time.UnixMilli(ledgerDay+int64(l.seq)), false)
	if err := l.state.Write(context.Background(), op); err != nil {
		l.t.Fatal(err)
	}
	return size
}

// bundleAsBefore bundles the log as earlier versions did: with documents.
func (l *ledger) bundleAsBefore() {
	l.t.Helper()
	m := l.merged()
	items, err := Tail(l.t.Context(), l.state, "acme", m.Bundled(), nil)
	if err != nil {
		l.t.Fatal(err)
	}
	if len(items) == 0 {
		return
	}
	b, record := cell.BundleOf("acme", cell.Bundle{First: m.Bundled() + 1, Since: items[0].At}, items)
	if _, err := l.state.PutEach(l.t.Context(), table.Op{Item: record}); err != nil {
		l.t.Fatal(err)
	}
	m.Bundles = append(m.Bundles, b)
	if again, err := PutMerged(l.t.Context(), l.state, "acme", &m); again || err != nil {
		l.t.Fatal(again, err)
	}
}

// merged is how far the log is merged now.
func (l *ledger) merged() cell.Merged {
	l.t.Helper()
	m, err := ReadMerged(context.Background(), l.state, "acme")
	if err != nil {
		l.t.Fatal(err)
	}
	return m
}

// check reads everything as from a time when the log was merged so far.
func (l *ledger) check(merged cell.Merged) {
	l.t.Helper()
	site := measure.Series{measure.Site}
	r := Request{Tenant: "acme", From: ledgerDay, To: ledgerDay + cell.DayMillis, Open: true, Measures: &cell.Measures{
		measure.Documents: true, measure.ChatsByPage: true, measure.ChatRequests: true, measure.Ongoing: true,
	}}
	for _, c := range []cell.Class{cell.Numbers.Of(measure.ChatRequests, site), cell.Keys.Of(measure.ChatsByPage, site), cell.Keys.Of(measure.Documents, site)} {
		r.Wanted = append(r.Wanted, Wanted{Class: c, Series: site, Prefix: table.Join("") + "/"})
	}
	got, err := Read(l.t.Context(), l.state, r, merged)
	if err != nil {
		l.t.Fatal(err)
	}
	if want := ledgerDay + int64(l.seq); got.At != want {
		l.t.Errorf("it is as of %d, want %d", got.At, want)
	}
	sums := map[cell.ID]int64{}
	version := map[cell.BlockID]uint64{}
	for i := range got.Blocks {
		b := &got.Blocks[i]
		version[cell.BlockID{Class: b.Class, Series: site, Value: b.Value, Number: b.Number}] = b.Version
		first := b.Class.First(b.Number)
		err := b.Each(func(measure.ID) bool { return true }, func(c cell.Column, q cell.Quarter, sub int64, key string, n int64) {
			sums[cell.ID{Column: c, Quarter: int16(q - first), Sub: sub, Key: key}] += n
		})
		if err != nil {
			l.t.Fatal(err)
		}
	}
	for _, item := range slices.Concat(got.Held, got.Tail) {
		for j := range item.Diffs {
			more := cell.Sums{}
			more.Add(&item.Diffs[j].Contribution, cell.Day(ledgerDay).Quarters())
			for id, block := range more {
				for k, n := range block {
					if item.Seq > version[id] {
						sums[k] += n
					}
				}
			}
		}
	}
	for k, n := range l.sums {
		if sums[k] != n {
			l.t.Errorf("%+v is %d, want %d", k, sums[k], n)
		}
	}
	all := slices.Clone(l.open)
	for _, d := range got.Open {
		d.N = -d.N
		all = append(all, d)
	}
	if wrong := cell.Net(all); len(wrong) > 0 {
		l.t.Errorf("of what is open there lacks %+v", wrong)
	}
}

// TestWhatIsBundledIsReadAsTheLogIs: however the log is bundled and merged, whoever reads
// finds what was committed, also with an old word on how far that is.
func TestWhatIsBundledIsReadAsTheLogIs(t *testing.T) {
	folded, held := 0, 0
	for seed := range uint64(20) {
		l := newLedger(t, rand.New(rand.NewPCG(seed, 1)))
		known := []cell.Merged{l.merged()}
		l.commit(3)
		bundled, merges := 0, 0
		for range 60 {
			var err error
			switch l.r.IntN(12) {
			case 11:
				l.bundleAsBefore()
			case 9: // what is held is old, and only that
				m := l.merged()
				var fold bool
				if fold, err = letGo(t.Context(), l.state, "acme", &m, time.UnixMilli(ledgerDay).Add(MergeAge+time.Hour)); err == nil && fold {
					folded++
					_, err = MergeStep(t.Context(), l.state, "acme")
				}
			case 0:
				_, err = MergeStep(t.Context(), l.state, "acme")
				merges++
			case 1, 2, 3:
				_, err = Bundle(t.Context(), l.state, "acme")
			default:
				l.commit(1 + l.r.IntN(40))
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			known = append(known, l.merged())
			bundled, held = max(bundled, len(l.merged().Bundles)), max(held, len(l.merged().Held))
			l.check(known[l.r.IntN(len(known))])
			l.check(l.merged())
		}
		for _, m := range known {
			l.check(m)
		}
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
		if bundled == 0 || merges == 0 {
			t.Fatalf("seed %d: %d bundles at most, %d merges", seed, bundled, merges)
		}
	}
	if folded < 10 || held < 2 {
		t.Errorf("documents were held in %d bundles at most and taken into blocks %d times", held, folded)
	}
}

// TestALogGetsAsLongAsAReportMayRead: bundles are few, together with the log no longer than
// MergeBytes, and take in several times as much of it.
func TestALogGetsAsLongAsAReportMayRead(t *testing.T) {
	l := newLedger(t, rand.New(rand.NewPCG(1, 2)))
	items, bytes, since, most, longest := 0, 0, 0, 0, 0
	for range 4000 {
		size := l.commit(20)
		items, bytes, since = items+1, bytes+size, since+size
		if !Due(items, bytes) {
			continue
		}
		before := l.merged()
		most, longest = max(most, len(before.Bundles)), max(longest, before.BundledBytes()+bytes)
		step, err := Shorten(t.Context(), l.state, "acme")
		if err != nil {
			t.Fatal(err)
		}
		if items, bytes = step.Items, step.Bytes; step.Merged.Merged > before.Merged {
			if since < 3*MergeBytes {
				t.Errorf("%d bytes of the log were merged, which is little", since)
			}
			since = 0
		}
	}
	if most == 0 || most > 6 || longest > MergeBytes+bundleBytes+4096 {
		t.Errorf("up to %d bundles and %d bytes", most, longest)
	}
	l.check(l.merged())
}

// TestABundleThatIsLostIsReadFromTheLog: and merged from it.
func TestABundleThatIsLostIsReadFromTheLog(t *testing.T) {
	for name, spoil := range map[string]func(*table.Item){
		"lost":    nil,
		"damaged": func(item *table.Item) { item.Value = item.Value[:len(item.Value)/2] },
	} {
		l := newLedger(t, rand.New(rand.NewPCG(3, 4)))
		l.commit(30)
		if _, err := MergeStep(t.Context(), l.state, "acme"); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			l.commit(30)
			if _, err := Bundle(t.Context(), l.state, "acme"); err != nil {
				t.Fatal(err)
			}
		}
		l.commit(30)
		var keys []table.Key
		m := l.merged()
		for _, b := range m.Bundles {
			keys = append(keys, b.Key("acme"))
		}
		for _, b := range m.Held {
			keys = append(keys, b.HeldKey("acme"))
		}
		if len(m.Bundles) == 0 || len(m.Held) == 0 {
			t.Fatalf("%d bundles, documents held in %d", len(m.Bundles), len(m.Held))
		}
		for _, k := range keys {
			op := table.Op{Verb: table.Delete, Item: table.Item{Key: k}}
			if spoil != nil {
				items, err := l.state.Get(t.Context(), k)
				if err != nil {
					t.Fatal(err)
				}
				spoil(&items[0])
				op = table.Op{Item: items[0]}
			}
			if err := l.state.Write(t.Context(), op); err != nil {
				t.Fatal(err)
			}
		}
		l.check(l.merged())
		if err := Merge(t.Context(), l.state, "acme"); err != nil {
			t.Fatal(err)
		}
		if l.check(l.merged()); t.Failed() {
			t.Fatal(name)
		}
	}
}
