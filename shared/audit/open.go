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
		more, err := counter.Tail(ctx, a.state, a.tenant, a.end(), nil) // up to which they may have been merged
		if err != nil {
			return err
		}
		a.tail = append(a.tail, more...)
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
	if !base {
		return
	}
	differs := len(a.findings) > before
	if differs {
		a.mend(item, cell.EncodeDifferences(a.running[n]), a.merged.Merged)
	}
	a.removeRuns(n, differs)
}

// removeRuns notes which runs are to be deleted, once the chunk is as it should be: those
// that it named, if it is written anew, and those that no chunk names, because who set
// them aside died or was late. What a merge sets aside that has not ended, it may be about
// to name.
func (a *Audit) removeRuns(n int, anew bool) {
	var gone []table.Item
	for _, r := range a.aside[n] {
		if r.Version <= a.merged.Merged {
			gone = append(gone, r)
		}
	}
	known := map[string]bool{} // what stays, or is gone already
	for _, r := range a.runs[n] {
		if !anew {
			known[r.Sort] = true
		} else if r.Version != 0 {
			gone = append(gone, r)
		}
	}
	for _, r := range gone {
		if !known[r.Sort] {
			a.mends = append(a.mends, table.Op{Verb: table.Delete, Item: table.Item{Key: r.Key}, If: table.Unchanged(r)})
			known[r.Sort] = true
		}
	}
}
