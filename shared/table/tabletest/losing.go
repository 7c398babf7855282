package tabletest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"chatreports/shared/table"
)

// RunLosing checks the contract of a PutEach whose answers get lost on their way. open
// returns an empty table; before its server answers a single write, or has one fail, it
// asks lose whether that answer is to be lost. An engine that has no server never asks.
func RunLosing(t *testing.T, open func(t *testing.T, lose func() bool) table.Table) {
	for _, c := range []struct {
		name string
		test func(*testing.T, table.Table)
	}{
		{"every put of a batch is told as it was", losingPuts},
		{"of concurrent puts if absent one wins", losingWinners},
		{"records that are replaced and deleted", losingChanges},
	} {
		for _, share := range []int64{20, 10} {
			t.Run(fmt.Sprintf("%s, one of %d answers lost", c.name, share), func(t *testing.T) {
				var answers atomic.Int64
				c.test(t, open(t, func() bool { return answers.Add(1)%share == 0 }))
			})
		}
	}
}

// losingBatch is how many records are put at once.
const losingBatch = 150

// batchOf are puts of records that no other writer makes.
func batchOf(writer string, c table.Cond, version uint64) (ops []table.Op) {
	for i := range losingBatch {
		ops = append(ops, put(item("p", fmt.Sprintf("s%03d", i), fmt.Sprint(writer, i), version), c))
	}
	return ops
}

func mustPutEach(t *testing.T, tab table.Table, ops []table.Op) []*table.Item {
	t.Helper()
	stood, err := tab.PutEach(t.Context(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	return stood
}

func losingPuts(t *testing.T, tab table.Table) {
	first := batchOf("first", table.Absent, 1)
	wantStood(t, mustPutEach(t, tab, first[:losingBatch/2]), make([]*table.Item, losingBatch/2)...)

	second := batchOf("second", table.Absent, 1)
	want := make([]*table.Item, losingBatch)
	stored := itemsOf(second)
	for i := range losingBatch / 2 {
		want[i], stored[i] = &first[i].Item, first[i].Item
	}
	wantStood(t, mustPutEach(t, tab, second), want...)
	wantItems(t, mustGet(t, tab, keysOf(second)...), stored...)
}

func losingWinners(t *testing.T, tab table.Table) {
	const writers = 4
	var stood [writers][]*table.Item
	parallel(t, writers, func(w int) (err error) {
		stood[w], err = tab.PutEach(t.Context(), batchOf(fmt.Sprint("writer ", w, " "), table.Absent, 1)...)
		return err
	})
	for i, there := range mustGet(t, tab, keysOf(batchOf("", table.Absent, 1))...) {
		winners := 0
		for w := range writers {
			own := batchOf(fmt.Sprint("writer ", w, " "), table.Absent, 1)[i].Item
			if stood[w][i] == nil {
				winners++
				wantItems(t, []table.Item{there}, own)
			} else {
				wantItems(t, []table.Item{*stood[w][i]}, there)
			}
		}
		if winners != 1 {
			t.Fatalf("%d writers were told that they had put %q", winners, there.Sort)
		}
	}
}

func losingChanges(t *testing.T, tab table.Table) {
	mustPutEach(t, tab, batchOf("old", table.Absent, 1))
	next := batchOf("new", table.VersionIs(1), 2)
	wantStood(t, mustPutEach(t, tab, next), make([]*table.Item, losingBatch)...)

	late := batchOf("late", table.VersionIs(1), 2)
	want := make([]*table.Item, losingBatch)
	var deletes []table.Op
	for i := range next {
		want[i] = &next[i].Item
		deletes = append(deletes, del(next[i].Item.Key, table.VersionIs(2)))
	}
	wantStood(t, mustPutEach(t, tab, late), want...)
	wantStood(t, mustPutEach(t, tab, deletes), make([]*table.Item, losingBatch)...)
	for i := range deletes {
		wantItems(t, mustGet(t, tab, deletes[i].Item.Key), table.Item{Key: deletes[i].Item.Key})
	}
}
