package counter

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// merges notes whose log was merged a step further.
type merges struct {
	table.Table
	of []string
}

func (m *merges) Write(ctx context.Context, ops ...table.Op) error {
	if p := table.Split(ops[0].Item.Part); len(p) == 2 && p[1] == "merge" {
		m.of = append(m.of, p[0])
	}
	return m.Table.Write(ctx, ops...)
}

// TestNobodyWaitsForAnotherToBeMerged: of several logs that are due each is merged by a
// step before any is by a second one, and all are merged as a whole.
func TestNobodyWaitsForAnotherToBeMerged(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	state, ctx, now := db.Table("state"), t.Context(), time.UnixMilli(1_800_000_000_000)
	logs := map[string]int{"a long one": 200, "b short": 1, "c short": 2}
	for tenant, n := range logs {
		for seq := range n {
			var diffs []cell.Difference
			for i := range 100 {
				at := now.UnixMilli() - int64(100*seq+i)*1000
				key := fmt.Sprintf("%016x%016x", uint64(at)*0x9e3779b97f4a7c15, uint64(at)*0xc2b2ae3d27d4eb4f)
				diffs = append(diffs, cell.Difference{Fact: "visitor/" + key, Contribution: measure.Contribution{Measure: measure.ChatsByPage, At: at, N: 1, Key: key, Dims: measure.Dims{{Dim: measure.Site}}}})
			}
			op, _ := Add(tenant, uint64(seq+1), diffs, now, false)
			if err := state.Write(ctx, op, List(tenant, false)); err != nil {
				t.Fatal(err)
			}
		}
	}
	watched := &merges{Table: state}
	if since, err := MergeDue(ctx, watched, now.Add(MergeAge)); err != nil || !since.IsZero() {
		t.Fatalf("all is merged, and one should have been since %v: %v", since, err)
	}
	// Each step is two writes: what it is about to merge, and that it has.
	first := watched.of[:6]
	for tenant, n := range logs {
		if !slices.Contains(first, tenant) {
			t.Errorf("%q is not among the first: %q", tenant, first)
		}
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil || m.Merged != uint64(n) {
			t.Errorf("%q is merged up to %d of %d: %v", tenant, m.Merged, n, err)
		}
	}
	if n := len(watched.of); n < 10 {
		t.Errorf("all was merged in %d writes: the long log is no long one", n)
	}
}
