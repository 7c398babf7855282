package audit

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
)

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
