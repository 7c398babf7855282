package counter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

func setRunBytes(t *testing.T, n int) {
	before := RunBytes
	t.Cleanup(func() { RunBytes = before })
	RunBytes = n
}

// whoWait are contributions of so many who wait.
func whoWait(from, to int, n int64) (out []cell.Difference) {
	for i := from; i < to; i++ {
		at := int64(1_700_000_000_000 + 1000*i)
		c := measure.Contribution{Measure: measure.QueueLevel, At: at, Until: measure.Forever, N: n, Dims: measure.Dims{{Dim: measure.Queue, ID: "site"}}}
		out = append(out, cell.Difference{Fact: fmt.Sprintf("chat/%08x/-", uint32(i)*2_654_435_761), Contribution: c})
	}
	return out
}

// waitingRoom is a tenant whose log has one kind of difference.
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
	op, _ := Add("acme", w.seq, diffs, time.UnixMilli(0), false)
	if err := w.state.Write(context.Background(), op); err != nil {
		w.t.Fatal(err)
	}
}

func (w *waitingRoom) merge() {
	w.t.Helper()
	if err := Merge(context.Background(), w.state, "acme"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *waitingRoom) open() ([]cell.Difference, error) {
	w.t.Helper()
	merged, err := ReadMerged(context.Background(), w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := Read(context.Background(), w.state, Request{Tenant: "acme", Open: true}, merged)
	if err != nil {
		return nil, err
	}
	return r.Open, nil
}

// written counts the bytes put into a table.
type written struct {
	table.Table
	bytes int
}

func (w *written) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	for i := range ops {
		w.bytes += ops[i].Item.Size()
	}
	return w.Table.PutEach(ctx, ops...)
}

// TestAMergeWritesWhatItChanges: whoever comes and goes, in whatever order, while very
// many wait, of whom there is nothing left at last.
func TestAMergeWritesWhatItChanges(t *testing.T) {
	const all, step = 40_000, 400
	setRunBytes(t, 2<<10)
	w := newWaitingRoom(t)
	writes := &written{Table: w.state}
	w.state = writes
	for i := 0; i < all; i += step {
		w.commit(whoWait(i, i+step, 1))
		w.merge()
	}
	largest := len(cell.EncodeDifferences(whoWait(0, all, 1)))
	if writes.bytes > 12*largest {
		t.Errorf("%d bytes were written of %d that are open", writes.bytes, largest)
	}
	if open, err := w.open(); err != nil || len(open) != all {
		t.Fatalf("%d wait, not %d: %v", len(open), all, err)
	}
	writes.bytes = 0
	order := rand.New(rand.NewPCG(1, 1)).Perm(all / step)
	for _, i := range order {
		w.commit(whoWait(i*step, (i+1)*step, -1))
		w.merge()
	}
	if writes.bytes > 12*largest {
		t.Errorf("%d bytes were written to take back %d", writes.bytes, largest)
	}
	if open, err := w.open(); err != nil || len(open) != 0 {
		t.Fatalf("%d wait, %v", len(open), err)
	}
	left := 0
	for item, err := range w.state.Scan(context.Background(), "acme/open") {
		if err != nil {
			t.Fatal(err)
		}
		left += item.Size()
	}
	if left > 4*RunBytes {
		t.Errorf("%d bytes are left of %d when nobody waits", left, largest)
	}
}
