package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

func setRunBytes(t *testing.T, n int) {
	before := counter.RunBytes
	t.Cleanup(func() { counter.RunBytes = before })
	counter.RunBytes = n
}

// whoWait are contributions of so many who wait.
func whoWait(from, to int) (out []cell.Difference) {
	for i := from; i < to; i++ {
		at := int64(1_700_000_000_000 + 1000*i)
		c := measure.Contribution{Measure: measure.QueueLevel, At: at, Until: measure.Forever, N: 1, Dims: measure.Dims{{Dim: measure.Queue, ID: "site"}}}
		out = append(out, cell.Difference{Fact: fmt.Sprintf("chat/%08x/-", uint32(i)*2_654_435_761), Contribution: c})
	}
	return out
}

// waitingRoom is a tenant in which people wait, and nothing else.
type waitingRoom struct {
	t     *testing.T
	state table.Table
	view  derive.View
	seq   uint64
}

func newWaitingRoom(t *testing.T) *waitingRoom {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &waitingRoom{t: t, state: table.Divide(db.Table("state"))}
}

func (w *waitingRoom) commit(diffs []cell.Difference) {
	w.t.Helper()
	follows, err := w.view.Derive(context.Background(), w.state, "acme", w.seq, diffs, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.seq++
	op, _ := counter.Add("acme", w.seq, append(follows, diffs...), time.UnixMilli(0), false)
	if err := w.state.Write(context.Background(), op); err != nil {
		w.t.Fatal(err)
	}
}

func (w *waitingRoom) merge() {
	w.t.Helper()
	if err := counter.Merge(context.Background(), w.state, "acme"); err != nil {
		w.t.Fatal(err)
	}
}

// open are those who wait.
func (w *waitingRoom) open() ([]cell.Difference, error) {
	w.t.Helper()
	merged, err := counter.ReadMerged(context.Background(), w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := counter.Read(context.Background(), w.state, counter.Request{Tenant: "acme", Open: true}, merged)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.Open, func(d cell.Difference) bool { return derive.Derived.Has(d.Measure) }), nil
}

// audit audits what is open, of those who wait.
func (w *waitingRoom) audit(wait []cell.Difference) (*audit.Audit, []audit.Finding) {
	w.t.Helper()
	ctx := context.Background()
	m, err := audit.At(ctx, w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	a := m.Days(nil, true)
	for _, d := range wait {
		m.Saw(d.Fact, w.seq, []measure.Contribution{d.Contribution})
		a.Fact(d.Fact, []measure.Contribution{d.Contribution})
	}
	for item, err := range w.state.Scan(ctx, "acme/") {
		if err != nil {
			w.t.Fatal(err)
		}
		a.Stored(item)
	}
	first, _, err := m.End(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	findings, err := a.Findings(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return a, append(first, findings...)
}

// rebuild audits what is open, of those who wait, mends it, and wants it to be right then.
func (w *waitingRoom) rebuild(wait []cell.Difference) {
	w.t.Helper()
	ctx := context.Background()
	a, findings := w.audit(wait)
	if again, err := a.Mend(ctx, time.UnixMilli(0)); again || err != nil {
		w.t.Fatal(again, err)
	}
	if len(findings) > 0 {
		w.seq++ // a mend says so in the log
	}
	if _, findings := w.audit(wait); len(findings) != 0 {
		w.t.Fatal(findings)
	}
	if open, err := w.open(); err != nil || len(open) != len(wait) {
		w.t.Errorf("%d wait, not %d: %v", len(open), len(wait), err)
	}
}

// runs are the names of all runs that are stored, and of those that chunks name.
func (w *waitingRoom) runs() (stored, named []string) {
	w.t.Helper()
	for item, err := range w.state.Scan(context.Background(), "acme/open") {
		if err != nil {
			w.t.Fatal(err)
		}
		if item.Part == cell.RunKey("acme", "").Part {
			stored = append(stored, item.Sort)
			continue
		}
		c, err := cell.DecodeChunk(item.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range c.Runs {
			named = append(named, r.Name)
		}
	}
	slices.Sort(stored)
	slices.Sort(named)
	return stored, named
}

// spoil changes every record of a part.
func (w *waitingRoom) spoil(part string, do func(table.Item) table.Op) {
	w.t.Helper()
	for item, err := range w.state.Query(context.Background(), table.Range{Part: part}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.state.Write(context.Background(), do(item)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestARunThatIsLostIsFoundAndMended: until then what reads it fails, and everything else
// is merged.
func TestARunThatIsLostIsFoundAndMended(t *testing.T) {
	setRunBytes(t, 500)
	w := newWaitingRoom(t)
	w.commit(whoWait(0, 300))
	w.merge()
	w.commit(whoWait(300, 310))
	w.merge()
	w.spoil(cell.RunKey("acme", "").Part, func(item table.Item) table.Op {
		return table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}}
	})
	if open, err := w.open(); !errors.Is(err, cell.ErrDamaged) {
		t.Errorf("%d wait, error %v", len(open), err)
	}
	w.commit(whoWait(310, 700))
	if _, damaged := errors.AsType[*counter.DamageError](counter.Merge(t.Context(), w.state, "acme")); !damaged {
		t.Error("a merge says nothing of it")
	}
	w.rebuild(whoWait(0, 700))
}

// TestAChunkThatIsMendedKeepsNoRuns: neither those that it named, nor those that nobody
// knows of any more because the chunk cannot be read.
func TestAChunkThatIsMendedKeepsNoRuns(t *testing.T) {
	setRunBytes(t, 500)
	for name, do := range map[string]func(table.Item) table.Op{
		"removed": func(item table.Item) table.Op { return table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}} },
		"spoilt":  func(item table.Item) table.Op { item.Value = []byte("spoilt"); return table.Op{Item: item} },
		"emptied": func(item table.Item) table.Op { item.Value = cell.EncodeDifferences(nil); return table.Op{Item: item} },
		"one more": func(item table.Item) table.Op {
			c, _ := cell.DecodeChunk(item.Value)
			c.Differences = cell.EncodeDifferences(whoWait(9_000, 9_001))
			item.Value = c.Encode()
			return table.Op{Item: item}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaitingRoom(t)
			for _, come := range [][2]int{{0, 1000}, {1000, 1300}, {1300, 1400}} { // fewer and fewer, so that there are several runs
				w.commit(whoWait(come[0], come[1]))
				w.merge()
			}
			if stored, named := w.runs(); len(stored) < 2 || !slices.Equal(stored, named) {
				t.Fatalf("%q are stored, %q named", stored, named)
			}
			w.spoil(cell.ChunkKey("acme", 0).Part, do)
			w.rebuild(whoWait(0, 1400))
			if stored, named := w.runs(); len(stored)+len(named) > 0 {
				t.Errorf("%q are left, %q named", stored, named)
			}
			w.commit(whoWait(1400, 1800))
			w.merge()
			w.rebuild(whoWait(0, 1800))
		})
	}
}

// TestRunsThatNobodyNames: somebody died before it did. A rebuild removes them, but not
// what a merge that goes on sets aside.
func TestRunsThatNobodyNames(t *testing.T) {
	setRunBytes(t, 500)
	w := newWaitingRoom(t)
	w.commit(whoWait(0, 300))
	w.merge()
	_, named := w.runs()
	left := func(seq uint64) table.Key {
		value := cell.EncodeDifferences(whoWait(0, int(seq)))
		k := cell.RunKey("acme", cell.RunName("0", seq, value))
		if err := w.state.Write(t.Context(), table.Op{Item: table.Item{Key: k, Value: value, Version: seq}}); err != nil {
			t.Fatal(err)
		}
		return k
	}
	left(1)
	begun := left(2)
	w.rebuild(whoWait(0, 300))
	stored, still := w.runs()
	if !slices.Equal(named, still) {
		t.Errorf("%q are named now, not %q", still, named)
	}
	want := append(slices.Clone(named), begun.Sort)
	if slices.Sort(want); !slices.Equal(stored, want) {
		t.Errorf("%q are left, want %q", stored, want)
	}
}
