package cell

import (
	"context"

	"chatreports/shared/table"
)

// readRuns reads what the chunks shown have set aside. What was replaced meanwhile is read
// again, with its chunk.
func (a *Audit) readRuns(ctx context.Context) error {
	for try := range chunkTries {
		gone, err := readRuns(ctx, a.state, a.tenant, a.chunks[:], noMeasures, try == chunkTries-1)
		if err != nil || !gone {
			return err
		}
		for c := range a.chunks {
			items, err := a.state.Get(ctx, openKey(a.tenant, c))
			if err != nil {
				return err
			}
			a.chunks[c] = openChunk{item: items[0]}
		}
	}
	return nil
}

// noMeasures are none.
var noMeasures = new(Measures)

// compareChunk compares what has not ended.
func (a *Audit) compareChunk(n int, base bool) {
	before := len(a.findings)
	o := &a.chunks[n]
	o.item.Key = openKey(a.tenant, n)
	a.version(Finding{Kind: "open"}, o.item, base)
	a.sums.open[n] = Net(a.sums.open[n])
	items := []table.Item{o.item}
	if c, err := decodeChunk(o.item.Value); err == nil {
		items[0].Value = c.diffs
		for i, r := range o.runs {
			r.Key = runKey(a.tenant, c.runs[i].name)
			if r.Version == 0 { // it is lost
				r.Version = o.item.Version
			}
			items = append(items, r)
		}
	}
	a.compareDifferences("open", detailSlot{}, a.sums.open[n], nil, items)
	if base && len(a.findings) > before {
		a.mend(o.item, encodeDifferences(a.sums.open[n]))
	}
}
