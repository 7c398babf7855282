package cell

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

func setRunBytes(t *testing.T, n int) {
	before := runBytes
	t.Cleanup(func() { runBytes = before })
	runBytes = n
}

// whoWait are contributions of so many who wait.
func whoWait(from, to int, n int64) (out []Difference) {
	for i := from; i < to; i++ {
		at := int64(1_700_000_000_000 + 1000*i)
		c := measure.Contribution{Measure: measure.QueueLevel, At: at, Until: measure.Forever, N: n, Dims: measure.Dims{{Dim: measure.Queue, ID: "site"}}}
		out = append(out, Difference{Fact: fmt.Sprintf("chat/%08x/-", uint32(i)*2_654_435_761), Contribution: c})
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

func (w *waitingRoom) commit(diffs []Difference) {
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

func (w *waitingRoom) open() ([]Difference, error) {
	w.t.Helper()
	merged, err := ReadMerged(context.Background(), w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := Read(context.Background(), w.state, Request{Tenant: "acme", Open: true}, merged)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.Open, func(d Difference) bool { return isDerived.has(d.Measure) }), nil
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
	largest := len(encodeDifferences(whoWait(0, all, 1)))
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
	if left > 4*runBytes {
		t.Errorf("%d bytes are left of %d when nobody waits", left, largest)
	}
}

// TestARunThatIsLostIsFoundAndMended: until then what reads it fails, and everything else
// is merged.
func TestARunThatIsLostIsFoundAndMended(t *testing.T) {
	setRunBytes(t, 500)
	w := newWaitingRoom(t)
	ctx := context.Background()
	w.commit(whoWait(0, 300, 1))
	w.merge()
	w.commit(whoWait(300, 310, 1))
	w.merge()
	for item, err := range w.state.Query(ctx, table.Range{Part: runKey("acme", "").Part}) {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.state.Write(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}}); err != nil {
			t.Fatal(err)
		}
	}
	if open, err := w.open(); !errors.Is(err, errCorrupt) {
		t.Errorf("%d wait, error %v", len(open), err)
	}
	w.commit(whoWait(310, 700, 1))
	if _, damaged := errors.AsType[*DamageError](Merge(ctx, w.state, "acme")); !damaged {
		t.Error("a merge says nothing of it")
	}
	audit := func() *Audit {
		a, err := NewAudit(ctx, w.state, "acme", nil, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range whoWait(0, 700, 1) {
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
	a := audit()
	if findings, err := a.Findings(ctx); err != nil || len(findings) == 0 {
		t.Fatalf("%d findings, %v", len(findings), err)
	}
	if again, err := a.Mend(ctx, time.UnixMilli(0)); again || err != nil {
		t.Fatal(again, err)
	}
	w.seq++ // a mend says so in the log
	if findings, err := audit().Findings(ctx); err != nil || len(findings) != 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	if open, err := w.open(); err != nil || len(open) != 700 {
		t.Errorf("%d wait, %v", len(open), err)
	}
}

// A chunk that names runs is read as it was written, and nothing else is taken for one.
func TestAChunkThatNamesRuns(t *testing.T) {
	c := chunk{runs: []run{{"0/a", 7}, {"0/b", 1 << 40}}, diffs: encodeDifferences(whoWait(0, 3, 1))}
	got, err := decodeChunk(c.encode())
	if err != nil || !slices.Equal(got.runs, c.runs) || !slices.Equal(got.diffs, c.diffs) {
		t.Errorf("%+v, %v", got, err)
	}
	plain, err := decodeChunk(c.diffs)
	if err != nil || plain.runs != nil || !slices.Equal(plain.diffs, c.diffs) {
		t.Errorf("%+v, %v", plain, err)
	}
	for n := range 8 {
		if _, err := decodeChunk(c.encode()[:1+n]); n > 0 && !errors.Is(err, errCorrupt) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
