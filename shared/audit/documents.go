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

// files is the class of the blocks of documents.
var files = cell.Keys.Of(measure.Documents, measure.Series{measure.Site})

// readHeld reads what is held of documents. Where that is lost, blocks are to hold it all as
// far as the log is merged, and bundles, which lack it, are no longer to be read.
func (m *Moment) readHeld(ctx context.Context) error {
	items, err := counter.Held(ctx, m.state, m.tenant, &m.merged)
	if errors.Is(err, cell.ErrDamaged) {
		m.lost = append(m.lost, Finding{Kind: "bundle", At: m.merged.Held[0].Since, Note: err.Error()})
		m.merged.Held, m.merged.Bundles, m.changed = nil, nil, true
		return nil
	}
	for i := range items {
		m.held = append(m.held, heldItem{items[i].Seq, counter.DocumentSums(&items[i])})
	}
	return err
}

// upTo is the number of the log up to which a block of a version holds everything, documents
// with what is held.
func (a *Audit) upTo(id cell.BlockID, version uint64) uint64 {
	if held := a.merged.HeldTo(); held > 0 && id.Class == files && a.isBase(version) {
		return held
	}
	return version
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

// beforeHeld is up to which number of the log a block is to hold everything, and what is held
// of it beyond that.
func (a *Audit) beforeHeld(id cell.BlockID) (seq uint64, held map[cell.ID]int64) {
	if id.Class != files || len(a.merged.Held) == 0 {
		return a.merged.Merged, nil
	}
	held = map[cell.ID]int64{}
	a.addHeld(held, id, 0)
	return a.merged.Held[0].First - 1, held
}

// findTimes finds what is known of documents' times anew, where not all is known of them:
// those of facts, and of what the log takes back after what is merged. One of these is every
// document that is merged.
func (a *Audit) findTimes() {
	for i := range a.tail {
		for j := range a.tail[i].Diffs {
			if d := &a.tail[i].Diffs[j]; d.N < 0 && d.Measure == measure.Documents {
				a.documents.Note(&d.Contribution)
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
