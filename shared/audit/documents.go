package audit

import (
	"context"
	"errors"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
)

// heldItem is what an item of the log changes of documents, by block.
type heldItem struct {
	seq  uint64
	sums cell.Sums
}

// readHeld reads what is held of documents. Where that is lost, blocks are to hold it all.
func (a *Audit) readHeld(ctx context.Context) error {
	items, err := counter.Held(ctx, a.state, a.tenant, &a.merged)
	if errors.Is(err, cell.ErrDamaged) {
		a.find(Finding{Kind: "bundle", At: a.merged.Held[0].Since, Note: err.Error()})
		a.merged.Held, a.changed = nil, true
		return nil
	}
	for i := range items {
		a.held = append(a.held, heldItem{items[i].Seq, counter.DocumentSums(&items[i])})
	}
	return err
}

// addHeld adds what is held beyond a block of a version.
func (a *Audit) addHeld(to map[cell.ID]int64, id cell.BlockID, version uint64) {
	for i := range a.held {
		if a.held[i].seq > version {
			for k, n := range a.held[i].sums[id] {
				to[k] += n
			}
		}
	}
}

// document notes a document of a fact, or one that the log takes back after what is merged:
// one of these is every document that is merged.
func (a *Audit) document(c *measure.Contribution) {
	if a.open && c.Measure == measure.Documents {
		a.documents.Note(c)
	}
}

// findTimes finds what is known of documents' times anew, where not all is known of them.
func (a *Audit) findTimes(tail []cell.LogItem) {
	for i := range tail {
		for j := range tail[i].Diffs {
			if d := &tail[i].Diffs[j]; d.N < 0 {
				a.document(&d.Contribution)
			}
		}
	}
	if m := &a.merged; a.open && m.Merged > 0 && (m.Documents == nil || len(m.Documents.Unknown) > 0) {
		m.Documents, a.changed = &a.documents, true
	}
}

// checkTimes finds documents of a block that open queries may not look for.
func (a *Audit) checkTimes(id cell.BlockID, want map[cell.ID]int64) {
	if a.merged.Documents == nil {
		return
	}
	for k, n := range want {
		c := measure.Contribution{Measure: k.Column.Measure(), At: (id.First() + cell.Quarter(k.Quarter)).Start(), Key: k.Key, N: n}
		if n > 0 && c.Measure == measure.Documents && !a.merged.Documents.Cover(&c) {
			a.find(Finding{Kind: "block", Series: id.Series.String() + "/" + id.Value, At: c.At, Measure: measureName(c.Measure), Key: k.Key, Note: "the document is not looked for at its times"})
			a.merged.Documents.Note(&c)
			a.changed = true
		}
	}
}
