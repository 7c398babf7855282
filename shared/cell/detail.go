package cell

import (
	"context"
	"fmt"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// quarters is a half-open range of quarter hours.
type quarters struct{ from, to Quarter }

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

// eachDetail yields the slots in some quarters, whole days, that an ended contribution
// stands in. What is only of whole quarters has no detail.
func eachDetail(c *measure.Contribution, in quarters, f func(detailSlot)) {
	q := QuarterOf(c.At)
	switch m := measure.Get(c.Measure); {
	case m != nil && m.Shape == measure.Peak:
		return
	case c.Until <= c.At: // at a time
		if in.from <= q && q < in.to {
			f(detailSlot{q: q})
		}
		return
	}
	until := min(c.Until, in.to.Start())
	for q = max(q, in.from); q.Start() < until; {
		s := detailSlot{q: q}
		if q%quartersOfDay == 0 && c.At <= q.Start() && (q+quartersOfDay).Start() <= c.Until {
			s.day = true
		}
		f(s)
		q = s.end()
	}
}

// lastsDays says whether a contribution covers a whole day, and the days it may cover.
func lastsDays(c *measure.Contribution) (first, last Day, ok bool) {
	if c.Until == measure.Forever || c.Until-c.At < DayMillis {
		return 0, 0, false
	}
	return DayOf(c.At), DayOf(c.Until), true
}

// hasLong says whether detail may know of a whole day.
func (m *Merged) hasLong(d Day) bool {
	return (m.LongFrom != 0 || m.LongTo != 0) && m.LongFrom <= d && d <= m.LongTo
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
