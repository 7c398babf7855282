package audit_test

import (
	"context"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/table"
)

// TestABundleThatIsWrongIsFoundAndMended: one that says something else than the log does, or
// cannot be read. Then the log is read in its place.
func TestABundleThatIsWrongIsFoundAndMended(t *testing.T) {
	for name, value := range map[string][]byte{"wrong": nil, "damaged": {1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			ctx, w := context.Background(), newWaitingRoom(t)
			waiting := whoWait(0, 20)
			w.commit(waiting)
			if _, err := counter.Bundle(ctx, w.state, "acme"); err != nil {
				t.Fatal(err)
			}
			if _, found := w.audit(waiting); len(found) > 0 {
				t.Fatalf("found %+v", found)
			}
			merged, err := counter.ReadMerged(ctx, w.state, "acme")
			if err != nil || len(merged.Bundles) != 1 {
				t.Fatalf("%+v, %v", merged, err)
			}
			spoilt := table.Item{Key: merged.Bundles[0].Key("acme"), Value: value, Version: 1}
			if value == nil {
				_, other := cell.BundleOf("acme", merged.Bundles[0], []cell.LogItem{{Seq: 1, Diffs: waiting[1:]}})
				spoilt.Value = other.Value
			}
			if err := w.state.Write(ctx, table.Op{Item: spoilt}); err != nil {
				t.Fatal(err)
			}
			a, found := w.audit(waiting)
			if len(found) != 1 || found[0].Kind != "bundle" {
				t.Errorf("found %+v", found)
			}
			if again, err := a.Mend(ctx, time.UnixMilli(0)); again || err != nil {
				t.Fatal(again, err)
			}
			if _, found := w.audit(waiting); len(found) > 0 {
				t.Errorf("after it was mended, found %+v", found)
			}
			if open, err := w.open(); err != nil || len(open) < len(waiting) {
				t.Errorf("%d wait, %v", len(open), err)
			}
		})
	}
}
