package cell

import (
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// auditedUnits are the records of units, and what they add to the blocks of the days
// audited. How a number comes about, by quarters, by units or by both, does not matter:
// what changed twice may stand there in other pieces than what changed once. An audit
// compares what they add up to.
type auditedUnits struct {
	blocks map[blockID]table.Item
	pieces map[Unit][]table.Item // of detail
	// sums are by blocks of days, as of the number of the log that is compared at.
	sums map[blockID]map[cellKey]int64
}

// over are the pieces of detail that cover a day, up to a number of the log.
func (u *auditedUnits) over(s detailSlot, upTo uint64) (out []table.Item) {
	if !s.day {
		return nil
	}
	for unit, items := range u.pieces {
		if unit.first() <= s.q && s.q < unit.end() {
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
func (a *Audit) readUnits(tail []LogItem) {
	a.units.sums = map[blockID]map[cellKey]int64{}
	for id, item := range a.units.blocks {
		err := eachStored(item.Value, func(c cell) {
			a.throughout(id, c.Column.Measure(), id.class.unitIn(id.block, c.Quarter), c.N)
		})
		if err != nil {
			a.find(Finding{Kind: "block", Series: id.series.String() + "/" + id.value, At: id.class.first(id.block).Start(), Note: err.Error()})
			a.mend(item, encodeBlock(nil))
		}
	}
	for i := range tail {
		for j := range tail[i].Diffs {
			a.eachUnit(&tail[i].Diffs[j].Contribution, func(id blockID, u Unit, n int64) {
				if a.units.blocks[id].Version >= tail[i].Seq {
					a.throughout(id, tail[i].Diffs[j].Measure, u, -n)
				}
			})
		}
	}
}

// forward adds what a contribution of the log is throughout units.
func (a *Audit) forward(c *measure.Contribution) {
	a.eachUnit(c, func(id blockID, u Unit, n int64) { a.throughout(id, c.Measure, u, n) })
}

// eachUnit yields what an ended contribution adds to blocks of units.
func (a *Audit) eachUnit(c *measure.Contribution, f func(id blockID, u Unit, n int64)) {
	if c.Until == measure.Forever || !c.Lasts() {
		return
	}
	parts := coverOf(c.At, c.Until)
	if parts.units == nil {
		return
	}
	for _, s := range measure.Get(c.Measure).Series {
		c.EachSeries(s, func(value string) {
			parts.eachUnit(func(u Unit) { f(blockID{u.Class(), s, value, u.Block()}, u, c.N) })
		})
	}
}

// throughout adds a number of a unit to each quarter of it in the days audited.
func (a *Audit) throughout(of blockID, id measure.ID, u Unit, n int64) {
	m := measure.Get(id)
	if m == nil || !m.Shape.Lasts() {
		return
	}
	for day := range a.days {
		first := QuarterOf(int64(day))
		for q := max(first, u.first()); q < min(first+quartersOfDay, u.end()); q++ {
			whole := measure.Contribution{Measure: id, At: q.Start(), Until: (q + 1).Start(), N: n}
			lasting(m.Shape, &whole, q, func(class Class, q Quarter, part Part, sub int64, key string, n int64) {
				class = class.Of(id, of.series)
				block := class.block(q)
				at := blockID{class, of.series, of.value, block}
				if a.units.sums[at] == nil {
					a.units.sums[at] = map[cellKey]int64{}
				}
				a.units.sums[at][cellKey{column(id, part), int16(q - class.first(block)), sub, key}] += n
			})
		}
	}
}
