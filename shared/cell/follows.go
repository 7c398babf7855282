package cell

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// back takes the sums of facts as they are back to the number of the log that is merged,
// as of which blocks are, and then derives. A merge may stop between the log items of one
// commit, but what follows from a commit follows from all of it. So it is derived with
// the whole of that commit, and the items of it that are not merged are taken off last.
func (a *Audit) back(ctx context.Context, tail []LogItem) error {
	items, err := a.state.Get(ctx, logKey(a.tenant, a.merged.Merged))
	if err != nil {
		return err
	}
	goesOn, rest := items[0].Version == goingOn, 0
	for ; goesOn && rest < len(tail); rest++ {
		goesOn = tail[rest].GoesOn
	}
	for i := range tail[rest:] {
		for _, d := range tail[rest+i].Diffs {
			if a.ahead[d.Fact] >= tail[rest+i].Seq {
				d.N = -d.N
				a.add(d, true)
			}
		}
	}
	a.derive()
	for i := range tail[:rest] {
		for _, d := range tail[i].Diffs {
			d.N = -d.N
			a.add(d, true)
		}
	}
	return nil
}

// derive adds what follows from facts, by the rules that commits use, but computed for
// whole days and not added up of what single commits changed: so it finds where one of
// them went wrong.
func (a *Audit) derive() {
	ended := a.functions()
	for id, edges := range a.running {
		a.running[id] = summed(edges)
	}
	for i := range derivations {
		d := &derivations[i]
		values := map[measure.Value]bool{}
		for _, id := range d.from {
			for f := range ended {
				values[f.value] = values[f.value] || f.of == id
			}
			for f := range a.running {
				values[f.value] = values[f.value] || f.of == id
			}
		}
		for v, has := range values {
			if !has || !slices.Contains(d.dims, v.Dim) {
				continue
			}
			f := make([]function, len(d.from))
			for n, id := range d.from {
				f[n] = function{ended: ended[functionID{id, v}], open: a.running[functionID{id, v}]}
			}
			for day := range a.days {
				for _, diff := range d.fill(v, d.finite(f, int64(day), int64(day)+DayMillis), nil) {
					a.add(diff, true)
				}
			}
			for _, diff := range d.fill(v, nil, d.open(f)) {
				a.add(diff, true)
			}
		}
	}
}

// number is one number of a step function, as a block holds it: see Edges.
type number struct {
	quarter Quarter
	sub, n  int64
}

// functions gives what of each function has ended, in the days audited.
func (a *Audit) functions() map[functionID][]step.Edge {
	numbers := map[functionID][]number{}
	for id, block := range a.sums.blocks {
		start := id.class.first(id.block)
		if id.class.Shape() != Steps || !a.days[DayOf(start.Start())] {
			continue
		}
		v := measure.Value{Dim: id.series[0], ID: id.value}
		if parts := table.Split(id.value); len(parts) == 1 {
			v.ID = parts[0]
		}
		for k, n := range block {
			if of := k.Column.Measure(); bases.has(of) {
				f := functionID{of, v}
				numbers[f] = append(numbers[f], number{start + Quarter(k.Quarter), k.Sub, n})
			}
		}
	}
	out := map[functionID][]step.Edge{}
	for f, list := range numbers {
		slices.SortFunc(list, func(a, b number) int { return cmp.Or(cmp.Compare(a.quarter, b.quarter), cmp.Compare(a.sub, b.sub)) })
		var e Edges
		for _, c := range list {
			e.Add(c.quarter, c.sub, c.n)
		}
		out[f] = e.End()
	}
	return out
}

// derivedDetail lists, by quarter, what detail lacks of derived measures. Every commit
// stores what it changed, so what is one contribution here may stand there in several
// pieces, some by quarter and some by day. What they add up to is compared.
func (a *Audit) derivedDetail() map[Quarter][]Difference {
	type key struct {
		of         measure.ID
		fact, dims string
	}
	pieces := map[key]Difference{}
	edges := map[key][]step.Edge{}
	add := func(slot detailSlot, diffs []Difference, sign int64) {
		for _, d := range diffs {
			// A reader takes no more of it than lies in the slot.
			from, to := max(d.At, slot.q.Start()), min(d.Until, slot.end().Start())
			if k := (key{d.Measure, d.Fact, fmt.Sprint(d.Dims)}); isDerived.has(d.Measure) && from < to {
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
			if diffs, err := decodeSome(item.Value, isDerived); err == nil && item.Version <= a.merged.Merged {
				add(slot, diffs, -1)
			}
		}
	}
	for day := range a.days {
		slot := detailSlot{QuarterOf(int64(day)), true}
		for _, item := range a.units.over(slot, a.merged.Merged) {
			if diffs, err := decodeSome(item.Value, isDerived); err == nil {
				add(slot, diffs, -1)
			}
		}
	}
	out := map[Quarter][]Difference{}
	for k, d := range pieces {
		step.Sweep(edges[k], func(from, to, value int64) {
			for q := QuarterOf(from); value != 0 && q.Start() < to; q++ {
				d.At, d.Until, d.N = max(from, q.Start()), min(to, (q+1).Start()), value
				out[q] = append(out[q], d)
			}
		})
	}
	return out
}

// checkLong finds that readers do not look for what covers a day, where something stands
// there or is to be put there, or for what covers units.
func (a *Audit) checkLong(s detailSlot, some bool) {
	if !s.day {
		return
	}
	day := DayOf(s.q.Start())
	if some && !a.merged.hasLong(day) {
		a.find(Finding{Kind: "detail", At: s.q.Start(), Note: "what covers the day is not looked for"})
		widen(&a.merged.LongFrom, &a.merged.LongTo, day, day+DayMillis)
		a.widened = true
	}
	if len(a.units.over(s, a.merged.Merged)) > 0 && !a.merged.hasUnits(int64(day), int64(day)+DayMillis) {
		a.find(Finding{Kind: "detail", At: s.q.Start(), Note: "what covers units is not looked for"})
		widen(&a.merged.UnitsFrom, &a.merged.UnitsTo, day, day+DayMillis)
		a.widened = true
	}
}
