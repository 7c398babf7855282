package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// back takes the sums of facts as they are back to the number of the log that is merged,
// as of which blocks are, and then derives. A merge may stop between the log items of one
// commit, but what follows from a commit follows from all of it. So it is derived with
// the whole of that commit, and the items of it that are not merged are taken off last.
func (a *Audit) back() {
	for i := range a.tail[a.rest:] {
		for _, d := range a.tail[a.rest+i].Diffs {
			if a.ahead[d.Fact] >= a.tail[a.rest+i].Seq {
				d.N = -d.N
				a.add(d, true)
			}
		}
	}
	a.derive()
	for i := range a.tail[:a.rest] {
		for _, d := range a.tail[i].Diffs {
			d.N = -d.N
			a.add(d, true)
		}
	}
}

// derive adds what follows from facts.
func (a *Audit) derive() {
	a.functions()
	a.whole.Derive(slices.Sorted(maps.Keys(a.days)), func(d cell.Difference) { a.add(d, true) })
	a.whole.Throughout(func(d cell.Difference) { a.units.add(&d) })
}

// number is one number of a step function, as a block holds it: see Edges.
type number struct {
	quarter cell.Quarter
	sub, n  int64
}

// functions tells what of each function has ended, in the days audited.
func (a *Audit) functions() {
	type function struct {
		of    measure.ID
		value measure.Value
	}
	numbers := map[function][]number{}
	for id, block := range a.sums {
		start := id.First()
		if id.Class.Shape() != cell.Steps || !a.days[cell.DayOf(start.Start())] {
			continue
		}
		v := measure.Value{Dim: id.Series[0], ID: id.Value}
		if parts := table.Split(id.Value); len(parts) == 1 {
			v.ID = parts[0]
		}
		for k, n := range block {
			if of := k.Column.Measure(); derive.Bases.Has(of) {
				f := function{of, v}
				numbers[f] = append(numbers[f], number{start + cell.Quarter(k.Quarter), k.Sub, n})
			}
		}
	}
	for f, list := range numbers {
		slices.SortFunc(list, func(a, b number) int { return cmp.Or(cmp.Compare(a.quarter, b.quarter), cmp.Compare(a.sub, b.sub)) })
		var e cell.Edges
		for _, c := range list {
			e.Add(c.quarter, c.sub, c.n)
		}
		a.whole.Ended(f.of, f.value, e.End())
	}
}

// derivedDetail lists, by quarter, what detail lacks of derived measures. Every commit
// stores what it changed, so what is one contribution here may stand there in several
// pieces, some by quarter and some by day. What they add up to is compared.
func (a *Audit) derivedDetail() map[cell.Quarter][]cell.Difference {
	type key struct {
		of         measure.ID
		fact, dims string
	}
	pieces := map[key]cell.Difference{}
	edges := map[key][]step.Edge{}
	add := func(slot cell.Slot, diffs []cell.Difference, sign int64) {
		for _, d := range diffs {
			// A reader takes no more of it than lies in the slot.
			from, to := max(d.At, slot.Quarter.Start()), min(d.Until, slot.End().Start())
			if k := (key{d.Measure, d.Fact, fmt.Sprint(d.Dims)}); derive.Derived.Has(d.Measure) && from < to {
				pieces[k] = d
				edges[k] = append(edges[k], step.Edge{At: from, N: sign * d.N}, step.Edge{At: to, N: -sign * d.N})
			}
		}
	}
	for slot, diffs := range a.details {
		add(slot, diffs, 1)
	}
	for slot, items := range a.pieces {
		for _, item := range items {
			if diffs, err := cell.DecodeDifferences(item.Value, derive.Derived); err == nil && item.Version <= a.merged.Merged {
				add(slot, diffs, -1)
			}
		}
	}
	for day := range a.days {
		slot := day.Slot()
		for _, item := range a.units.over(slot, a.merged.Merged) {
			if diffs, err := cell.DecodeDifferences(item.Value, derive.Derived); err == nil {
				add(slot, diffs, -1)
			}
		}
	}
	out := map[cell.Quarter][]cell.Difference{}
	for k, d := range pieces {
		step.Sweep(edges[k], func(from, to, value int64) {
			for q := cell.QuarterOf(from); value != 0 && q.Start() < to; q++ {
				d.At, d.Until, d.N = max(from, q.Start()), min(to, (q+1).Start()), value
				out[q] = append(out[q], d)
			}
		})
	}
	return out
}

// checkLong finds that readers do not look for what covers a day, where something stands
// there or is to be put there, or for what covers units.
func (a *Audit) checkLong(s cell.Slot, some bool) {
	if !s.Day {
		return
	}
	day := cell.DayOf(s.Quarter.Start())
	if some && !a.merged.HasLong(day) {
		a.find(Finding{Kind: "detail", At: s.Quarter.Start(), Note: "what covers the day is not looked for"})
		a.merged.NoteLong(day, day+cell.DayMillis)
		a.changed = true
	}
	if len(a.units.over(s, a.merged.Merged)) > 0 && !a.merged.HasUnits(int64(day), int64(day)+cell.DayMillis) {
		a.find(Finding{Kind: "detail", At: s.Quarter.Start(), Note: "what covers units is not looked for"})
		a.merged.NoteUnits(day, day+cell.DayMillis)
		a.changed = true
	}
}
