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
	w.seq++
	op, _ := counter.Add("acme", w.seq, diffs, time.UnixMilli(0), false)
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

// TestARunThatIsLostIsFoundAndMended: until then what reads it fails, and everything else
// is merged.
func TestARunThatIsLostIsFoundAndMended(t *testing.T) {
	setRunBytes(t, 500)
	w := newWaitingRoom(t)
	ctx := context.Background()
	w.commit(whoWait(0, 300))
	w.merge()
	w.commit(whoWait(300, 310))
	w.merge()
	for item, err := range w.state.Query(ctx, table.Range{Part: cell.RunKey("acme", "").Part}) {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.state.Write(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}}); err != nil {
			t.Fatal(err)
		}
	}
	if open, err := w.open(); !errors.Is(err, cell.ErrDamaged) {
		t.Errorf("%d wait, error %v", len(open), err)
	}
	w.commit(whoWait(310, 700))
	if _, damaged := errors.AsType[*counter.DamageError](counter.Merge(ctx, w.state, "acme")); !damaged {
		t.Error("a merge says nothing of it")
	}
	look := func() *audit.Audit {
		a, err := audit.New(ctx, w.state, "acme", nil, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range whoWait(0, 700) {
			a.Fact(d.Fact, w.seq, []measure.Contribution{d.Contribution})
		}
		for item, err := range w.state.Scan(ctx, "acme/") {
			if err != nil {
				t.Fatal(err)
			}
			a.Stored(item)
		}
		return a
	}
	a := look()
	if findings, err := a.Findings(ctx); err != nil || len(findings) == 0 {
		t.Fatalf("%d findings, %v", len(findings), err)
	}
	if again, err := a.Mend(ctx, time.UnixMilli(0)); again || err != nil {
		t.Fatal(again, err)
	}
	w.seq++ // a mend says so in the log
	if findings, err := look().Findings(ctx); err != nil || len(findings) != 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	if open, err := w.open(); err != nil || len(open) != 700 {
		t.Errorf("%d wait, %v", len(open), err)
	}
}
