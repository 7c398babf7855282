package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/derive"
	"chatreports/shared/table"
)

// compareDifferences compares lists of contributions. It returns those that are
// missing, and the first item that cannot be read.
func (a *Audit) compareDifferences(kind string, slot cell.Slot, want, derived []cell.Difference, items []table.Item) (missing []cell.Difference, damaged []int) {
	all := slices.Clone(want)
	for i := range items {
		if items[i].Version == 0 {
			continue
		}
		diffs, err := cell.DecodeDifferences(items[i].Value, nil)
		if err != nil {
			a.find(Finding{Kind: kind, At: slot.Quarter.Start(), Note: fmt.Sprintf("%s: %v", items[i].Sort, err)})
			damaged = append(damaged, i)
			continue
		}
		for _, d := range diffs {
			d.N = -d.N
			all = append(all, d)
		}
	}
	if kind == "detail" {
		all = slices.DeleteFunc(all, func(d cell.Difference) bool { return derive.Derived.Has(d.Measure) || !cell.HasDetail(&d.Contribution) })
		all = append(all, derived...)
	}
	missing = cell.Net(all)
	for i := range missing {
		d := &missing[i]
		f := Finding{Kind: kind, Fact: d.Fact, At: d.At, Measure: measureName(d.Measure), Part: "contribution", Sub: d.Value, Key: d.Key}
		for n, v := range d.Dims {
			if n > 0 {
				f.Series += " "
			}
			f.Series += v.Dim.String() + "/" + v.ID
		}
		for j := range want {
			if same(d, &want[j]) {
				f.Expected += want[j].N
			}
		}
		f.Stored = f.Expected - d.N
		a.find(f)
	}
	return missing, damaged
}

// missingIn is what is missing in a slot: that of whole days is put right by quarter.
func missingIn(s cell.Slot, derived map[cell.Quarter][]cell.Difference) []cell.Difference {
	if s.Day {
		return nil
	}
	return derived[s.Quarter]
}

// same says whether two differences add up to one.
func same(d, o *cell.Difference) bool {
	return d.Fact == o.Fact && d.Measure == o.Measure && d.At == o.At && d.Until == o.Until && d.Value == o.Value && d.Key == o.Key &&
		slices.Equal(d.Dims, o.Dims)
}

func (a *Audit) compareDetails() {
	a.damagedUnitDetails()
	a.correctDetails()
	slots, derived := map[cell.Slot]bool{}, a.derivedDetail()
	for q := range derived {
		slots[cell.Slot{Quarter: q}] = true
	}
	for s := range a.details {
		slots[s] = true
	}
	for s := range a.pieces {
		slots[s] = true
	}
	for day := range a.days {
		slots[day.Slot()] = true
	}
	order := func(x, y cell.Slot) int {
		return cmp.Or(cmp.Compare(x.Quarter, y.Quarter), cmp.Compare(x.End(), y.End()))
	}
	for _, s := range slices.SortedFunc(maps.Keys(slots), order) {
		items := a.stored(s)
		a.Details += len(items)
		before := len(a.findings)
		missing, damaged := a.compareDetail(s, missingIn(s, derived))
		differ := len(a.findings) > before
		a.checkLong(s, len(items) > 0 || differ && s.Day && len(missing) > 0)
		if !differ {
			continue
		}
		// The last piece, or one that cannot be read, takes what is missing.
		fix := table.Item{Key: s.Key(a.tenant, a.merged.Merged)}
		var has []cell.Difference
		switch {
		case len(damaged) > 0:
			fix = items[damaged[0]]
			for _, i := range damaged[1:] {
				a.mend(items[i], cell.EncodeDifferences(nil), a.merged.Merged)
			}
		case len(items) > 0:
			fix = items[len(items)-1]
			has, _ = cell.DecodeDifferences(fix.Value, nil)
		}
		a.mend(fix, cell.EncodeDifferences(cell.Net(append(has, missing...))), a.merged.Merged)
	}
}

// stored are the pieces of a slot as of merged.
func (a *Audit) stored(s cell.Slot) []table.Item {
	last := s.Key(a.tenant, a.merged.Merged)
	items := slices.DeleteFunc(slices.Clone(a.pieces[s]), func(i table.Item) bool { return i.Sort > last.Sort })
	slices.SortFunc(items, func(x, y table.Item) int { return cmp.Compare(x.Sort, y.Sort) })
	return items
}

// compareDetail compares one slot: its pieces, and those of units that cover it.
func (a *Audit) compareDetail(s cell.Slot, derived []cell.Difference) (missing []cell.Difference, damaged []int) {
	return a.compareDifferences("detail", s, a.details[s], derived, append(a.stored(s), a.units.over(s, a.merged.Merged)...))
}
