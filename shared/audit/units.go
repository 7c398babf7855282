package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// auditedUnits are the records of units, and what they add to the blocks of the days
// audited. How a number comes about, by quarters, by units or by both, does not matter:
// what changed twice may stand there in other pieces than what changed once. An audit
// compares what they add up to, day by day.
//
// What facts alone would put there is known as well. A record that cannot be read becomes
// that; and so does the number of a unit whose first day is wrong, if it is another: else
// only that day and the others audited would be put right, and a unit has thousands.
type auditedUnits struct {
	// What is stored: in blocks, and in detail.
	blocks map[cell.BlockID]table.Item
	pieces map[cell.Unit][]table.Item
	// The same as of merged, with what has been put right since.
	stored cell.Sums
	// What facts would put there.
	want    cell.Sums
	details map[cell.Unit][]cell.Difference
	// anew are the blocks that are to be written.
	anew map[cell.BlockID]bool
	// sums is what is stored, by blocks of days, as of the number of the log that is
	// compared at.
	sums cell.Sums
}

func newUnits() auditedUnits {
	return auditedUnits{
		blocks: map[cell.BlockID]table.Item{}, pieces: map[cell.Unit][]table.Item{}, stored: cell.Sums{},
		want: cell.Sums{}, details: map[cell.Unit][]cell.Difference{},
		anew: map[cell.BlockID]bool{}, sums: cell.Sums{},
	}
}

// add takes what a difference that has ended puts there.
func (u *auditedUnits) add(d *cell.Difference) {
	parts := cell.CoverOf(d.At, d.Until)
	if _, some := parts.Between(); !some {
		return
	}
	u.want.AddUnits(&d.Contribution)
	if cell.HasDetail(&d.Contribution) {
		parts.EachUnit(func(in cell.Unit) { u.details[in] = append(u.details[in], *d) })
	}
}

// over are the pieces of detail that cover a day, up to a number of the log.
func (u *auditedUnits) over(s cell.Slot, upTo uint64) (out []table.Item) {
	if !s.Day {
		return nil
	}
	for unit, items := range u.pieces {
		if unit.First() <= s.Quarter && s.Quarter < unit.End() {
			out = append(out, before(items, upTo)...)
		}
	}
	return out
}

// before are the items up to a number of the log.
func before(items []table.Item, upTo uint64) []table.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i table.Item) bool { return i.Version > upTo })
}

// starting are the units that begin with a quarter, if any do.
func starting(q cell.Quarter) (out []cell.Unit) {
	for scale := 1; scale <= cell.Scales; scale++ {
		if u := cell.UnitOf(scale, q); u.First() == q {
			out = append(out, u)
		}
	}
	return out
}

// readUnits adds up the blocks of units as of merged: what of the log has been merged
// into some of them since is taken off.
func (a *Audit) readUnits() {
	damaged := map[cell.BlockID]bool{}
	for id, item := range a.units.blocks {
		cells, err := cell.DecodeBlock(item.Value)
		if err != nil {
			a.find(Finding{Kind: "block", Series: id.Series.String() + "/" + id.Value, At: id.First().Start(), Note: err.Error()})
			damaged[id], a.units.anew[id] = true, true
			a.units.stored[id] = maps.Clone(a.units.want[id])
			continue
		}
		numbers := map[cell.ID]int64{}
		for _, c := range cells {
			numbers[c.ID] += c.N
		}
		a.units.stored[id] = numbers
	}
	for i := range a.tail {
		for j := range a.tail[i].Diffs {
			a.eachUnit(&a.tail[i].Diffs[j].Contribution, func(id cell.BlockID, k cell.ID, n int64) {
				if a.units.blocks[id].Version >= a.tail[i].Seq && !damaged[id] {
					a.units.stored[id][k] -= n
				}
			})
		}
	}
	for id, numbers := range a.units.stored {
		for k, n := range numbers {
			a.throughout(id, k, n)
		}
	}
}

// forward adds what a contribution of the log is throughout units.
func (a *Audit) forward(c *measure.Contribution) { a.eachUnit(c, a.throughout) }

// eachUnit yields what an ended contribution adds to blocks of units.
func (a *Audit) eachUnit(c *measure.Contribution, f func(id cell.BlockID, k cell.ID, n int64)) {
	if c.Until == measure.Forever || !c.Lasts() {
		return
	}
	added := cell.Sums{}
	added.AddUnits(c)
	for id, numbers := range added {
		for k, n := range numbers {
			f(id, k, n)
		}
	}
}

// throughout adds a number of a unit to each quarter of it in the days audited.
func (a *Audit) throughout(of cell.BlockID, k cell.ID, n int64) {
	id := k.Column.Measure()
	m := measure.Get(id)
	if m == nil || !m.Shape.Lasts() {
		return
	}
	u := of.Unit(k)
	for day := range a.days {
		in := day.Quarters()
		in.From, in.To = max(in.From, u.First()), min(in.To, u.End())
		if in.From < in.To {
			c := measure.Contribution{Measure: id, At: in.From.Start(), Until: in.To.Start(), N: n}
			a.units.sums.AddTo(of.Series, of.Value, &c, in)
		}
	}
}

// correctUnits makes of the units that begin with a wrong block what facts would put there,
// of the measures of which it has wrong numbers; false: they are that already.
func (a *Audit) correctUnits(of cell.BlockID, wrong map[cell.ID]int64) (changed bool) {
	measures := map[measure.ID]bool{}
	for k := range wrong {
		measures[k.Column.Measure()] = true
	}
	for _, u := range starting(of.First()) {
		in := u.In(of.Series, of.Value)
		for id := range measures {
			k := u.ID(id)
			n := a.units.want[in][k] - a.units.stored[in][k]
			if n == 0 {
				continue
			}
			if a.units.stored[in] == nil {
				a.units.stored[in] = map[cell.ID]int64{}
			}
			a.units.stored[in][k] += n
			a.throughout(in, k, n)
			a.units.anew[in], changed = true, true
		}
	}
	return changed
}

// correctDetails is the same for detail: of the units that begin with a day of which
// anything is wrong.
func (a *Audit) correctDetails() {
	derived := a.derivedDetail()
	for _, day := range slices.Sorted(maps.Keys(a.days)) {
		units := slices.DeleteFunc(starting(day.Slot().Quarter), a.asFactsSay)
		if len(units) == 0 {
			continue
		}
		n := len(a.findings)
		_, damaged := a.compareDetail(day.Slot(), nil)
		wrong := len(a.findings) > n && len(damaged) == 0
		a.findings = a.findings[:n]
		for in := day.Quarters(); in.From < in.To; in.From++ {
			wrong = wrong || len(derived[in.From]) > 0
		}
		if wrong {
			a.find(Finding{Kind: "detail", At: int64(day), Note: "what lasts throughout units that begin here is not what the facts say"})
			for _, u := range units {
				a.replaceDetails(u)
			}
			derived = a.derivedDetail()
		}
	}
}

// asFactsSay says whether detail of a unit is what facts would put there.
func (a *Audit) asFactsSay(u cell.Unit) bool {
	all := slices.Clone(a.units.details[u])
	for _, item := range before(a.units.pieces[u], a.merged.Merged) {
		diffs, _ := cell.DecodeDifferences(item.Value, nil)
		for _, d := range diffs {
			d.N = -d.N
			all = append(all, d)
		}
	}
	return len(cell.Net(all)) == 0
}

// damagedUnitDetails finds detail of units that cannot be read, and makes of it what facts
// would put there.
func (a *Audit) damagedUnitDetails() {
	damaged := map[cell.Unit]bool{}
	for u, items := range a.units.pieces {
		for _, item := range before(items, a.merged.Merged) {
			if _, err := cell.DecodeDifferences(item.Value, nil); err != nil {
				a.find(Finding{Kind: "detail", At: u.From(), Note: fmt.Sprintf("%s: %v", item.Sort, err)})
				damaged[u] = true
			}
		}
	}
	for u := range damaged {
		a.replaceDetails(u)
	}
}

// replaceDetails puts all detail of a unit into its last piece, and empties the others.
func (a *Audit) replaceDetails(u cell.Unit) {
	items := before(a.units.pieces[u], a.merged.Merged)
	slices.SortFunc(items, func(x, y table.Item) int { return cmp.Compare(x.Sort, y.Sort) })
	if len(items) == 0 {
		items = []table.Item{{Key: u.DetailKey(a.tenant, a.merged.Merged)}}
	}
	later := slices.DeleteFunc(a.units.pieces[u], func(i table.Item) bool { return i.Version <= a.merged.Merged })
	last := len(items) - 1
	for i, item := range items {
		value := cell.EncodeDifferences(nil)
		if i == last {
			value = cell.EncodeDifferences(cell.Net(a.units.details[u]))
		}
		a.mend(item, value, a.merged.Merged)
		item.Value, item.Version = value, a.merged.Merged
		later = append(later, item)
	}
	a.units.pieces[u] = later
}

// mendUnits notes the blocks of units that are to be written. One that is merged further
// than others waits for the next audit.
func (a *Audit) mendUnits() {
	for id := range a.units.anew {
		item := a.units.blocks[id]
		item.Key = id.Key(a.tenant)
		if item.Version > a.merged.Merged && item.Version <= a.end() {
			continue
		}
		var cells []cell.Cell
		for k, n := range without0(a.units.stored[id]) {
			cells = append(cells, cell.Cell{ID: k, N: n})
			if u := id.Unit(k); !a.merged.HasUnits(u.From(), u.To()) {
				a.merged.NoteUnits(cell.DayOf(u.From()), cell.DayOf(u.To()))
				a.changed = true
			}
		}
		a.mend(item, cell.EncodeBlock(cells), a.merged.Merged)
	}
}
