package audit

import (
	"context"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// compareBundles compares what of the log is bundled with the log. Where that differs, the
// bundles are no longer to be read: the log says it all.
func (a *Audit) compareBundles(ctx context.Context) error {
	bundles := a.merged.Bundles
	if len(bundles) == 0 {
		return nil
	}
	keys := make([]table.Key, len(bundles))
	for i := range bundles {
		keys[i] = bundles[i].Key(a.tenant)
	}
	records, err := a.state.Get(ctx, keys...)
	if err != nil {
		return err
	}
	for i := range bundles {
		b := &bundles[i]
		note := "it does not say what the log says"
		bundled, err := b.Decode(records[i], nil)
		if err != nil {
			note = err.Error()
		}
		all := bundled.Diffs
		for _, item := range a.tail {
			if b.First > item.Seq || item.Seq > b.Last {
				continue
			}
			for _, d := range item.Diffs {
				if d.Measure == measure.Documents && b.Last <= a.merged.HeldTo() {
					continue // it is held
				}
				d.N = -d.N
				all = append(all, d)
			}
		}
		if err != nil || len(cell.Net(all)) > 0 {
			a.find(Finding{Kind: "bundle", At: b.Since, Note: note})
			a.merged.Bundles, a.changed = nil, true
		}
	}
	return nil
}
