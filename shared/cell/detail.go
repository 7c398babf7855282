package cell

import (
	"context"
	"fmt"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Quarters is a half-open range of quarter hours.
type Quarters struct{ From, To Quarter }

// detailSlot is where a contribution stands in detail: a quarter hour that it touches, or
// a UTC day that it covers as a whole, by its first quarter. So what lasts for years
// stands in a day once, and not in each of its quarters.
type detailSlot struct {
	q   Quarter
	day bool
}

const quartersOfDay = 96

func (s detailSlot) end() Quarter {
	if s.day {
		return s.q + quartersOfDay
	}
	return s.q + 1
}

// hasDetail says whether a contribution stands in detail: largest values are only of
// whole quarters.
func hasDetail(c *measure.Contribution) bool {
	m := measure.Get(c.Measure)
	return m == nil || m.Shape != measure.Peak
}

// eachDetail yields the slots in some quarters, whole days, that an ended contribution
// stands in.
func eachDetail(c *measure.Contribution, in Quarters, f func(detailSlot)) {
	q := QuarterOf(c.At)
	switch {
	case !hasDetail(c):
		return
	case !c.Lasts():
		if in.From <= q && q < in.To {
			f(detailSlot{q: q})
		}
		return
	}
	until := min(c.Until, in.To.Start())
	for q = max(q, in.From); q.Start() < until; {
		s := detailSlot{q: q}
		if q%quartersOfDay == 0 && c.At <= q.Start() && (q+quartersOfDay).Start() <= c.Until {
			s.day = true
		}
		f(s)
		q = s.end()
	}
}

// dayRange is the cut quarters of one day that something may cover as a whole.
type dayRange struct {
	day  Day
	want []Quarter
}

// dayRanges lists them: most tenants have nothing that lasts a day.
func dayRanges(cut []Quarter, merged Merged) []dayRange {
	var out []dayRange
	for _, q := range cut {
		day := DayOf(q.Start())
		if !merged.hasLong(day) {
			continue
		}
		if n := len(out); n == 0 || out[n-1].day != day {
			out = append(out, dayRange{day: day})
		}
		out[len(out)-1].want = append(out[len(out)-1].want, q)
	}
	return out
}

func (d *dayRange) read(ctx context.Context, state table.Table, tenant string, merged uint64, want *Measures) (out []Difference, err error) {
	slot := detailSlot{QuarterOf(int64(d.day)), true}
	first, last := detailKey(tenant, slot, 0), detailKey(tenant, slot, merged)
	for item, err := range state.Query(ctx, table.Range{Part: first.Part, From: first.Sort, To: last.Sort + "~"}) {
		if err != nil {
			return nil, err
		}
		diffs, err := decodeSome(item.Value, want)
		if err != nil {
			return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
		}
		out = append(out, diffs...)
	}
	return out, nil
}
