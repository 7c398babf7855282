package audit

import (
	"context"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/table"
)

// readRuns reads what the chunks shown have set aside. What was replaced meanwhile is read
// again, with its chunk.
func (a *Audit) readRuns(ctx context.Context) error {
	for try := 1; ; try++ {
		runs, gone, err := counter.Runs(ctx, a.state, a.tenant, a.chunks[:])
		if err != nil {
			return err
		}
		copy(a.runs[:], runs)
		if !gone || try == counter.ChunkTries {
			return nil
		}
		for c := range a.chunks {
			items, err := a.state.Get(ctx, cell.ChunkKey(a.tenant, c))
			if err != nil {
				return err
			}
			a.chunks[c] = items[0]
		}
	}
}

// compareChunk compares what has not ended.
func (a *Audit) compareChunk(n int, base bool) {
	before := len(a.findings)
	item := a.chunks[n]
	item.Key = cell.ChunkKey(a.tenant, n)
	a.version(Finding{Kind: "open"}, item, base)
	a.running[n] = cell.Net(a.running[n])
	items := []table.Item{item}
	if c, err := cell.DecodeChunk(item.Value); err == nil {
		items[0].Value = c.Differences
		for _, r := range a.runs[n] {
			if r.Version == 0 { // it is lost
				r.Version = item.Version
			}
			items = append(items, r)
		}
	}
	a.compareDifferences("open", cell.Slot{}, a.running[n], nil, items)
	if base && len(a.findings) > before {
		a.mend(item, cell.EncodeDifferences(a.running[n]))
	}
}
