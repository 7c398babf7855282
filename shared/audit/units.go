package audit

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// auditedUnits are the records of units, and what they add to the blocks of the days
// audited. How a number comes about, by quarters, by units or by both, does not matter:
// what changed twice may stand there in other pieces than what changed once. An audit
// compares what they add up to.
type auditedUnits struct {
	blocks map[cell.BlockID]table.Item
	pieces map[cell.Unit][]table.Item // of detail
	// sums are by blocks of days, as of the number of the log that is compared at.
	sums cell.Sums
}

// over are the pieces of detail that cover a day, up to a number of the log.
func (u *auditedUnits) over(s cell.Slot, upTo uint64) (out []table.Item) {
	if !s.Day {
		return nil
	}
	for unit, items := range u.pieces {
		if unit.First() <= s.Quarter && s.Quarter < unit.End() {
			for _, item := range items {
				if item.Version <= upTo {
					out = append(out, item)
				}
			}
		}
	}
	return out
}

// readUnits adds up the blocks of units as of merged: what of the log has been merged
// into some of them since is taken off.
func (a *Audit) readUnits(tail []cell.LogItem) {
	a.units.sums = cell.Sums{}
	for id, item := range a.units.blocks {
		b := cell.NewBlock(id, item)
		err := b.EachUnit(everything, func(of measure.ID, u cell.Unit, n int64) { a.throughout(id, of, u, n) })
		if err != nil {
			a.find(Finding{Kind: "block", Series: id.Series.String() + "/" + id.Value, At: id.First().Start(), Note: err.Error()})
			a.mend(item, cell.EncodeBlock(nil))
		}
	}
	for i := range tail {
		for j := range tail[i].Diffs {
			a.eachUnit(&tail[i].Diffs[j].Contribution, func(id cell.BlockID, u cell.Unit, n int64) {
				if a.units.blocks[id].Version >= tail[i].Seq {
					a.throughout(id, tail[i].Diffs[j].Measure, u, -n)
				}
			})
		}
	}
}

// forward adds what a contribution of the log is throughout units.
func (a *Audit) forward(c *measure.Contribution) {
	a.eachUnit(c, func(id cell.BlockID, u cell.Unit, n int64) { a.throughout(id, c.Measure, u, n) })
}

// EachUnit yields what an ended contribution adds to blocks of units.
func (a *Audit) eachUnit(c *measure.Contribution, f func(id cell.BlockID, u cell.Unit, n int64)) {
	if c.Until == measure.Forever || !c.Lasts() {
		return
	}
	parts := cell.CoverOf(c.At, c.Until)
	for _, s := range measure.Get(c.Measure).Series {
		c.EachSeries(s, func(value string) {
			parts.EachUnit(func(u cell.Unit) { f(u.In(s, value), u, c.N) })
		})
	}
}

// throughout adds a number of a unit to each quarter of it in the days audited.
func (a *Audit) throughout(of cell.BlockID, id measure.ID, u cell.Unit, n int64) {
	m := measure.Get(id)
	if m == nil || !m.Shape.Lasts() {
		return
	}
	for day := range a.days {
		in := day.Quarters()
		in.From, in.To = max(in.From, u.First()), min(in.To, u.End())
		if in.From < in.To {
			c := measure.Contribution{Measure: id, At: in.From.Start(), Until: in.To.Start(), N: n}
			a.units.sums.AddTo(of.Series, of.Value, &c, in)
		}
	}
}
