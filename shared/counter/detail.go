package counter

import (
	"context"
	"fmt"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// cutTime is from the first quarter that is cut to the end of the last.
func (r *Request) cutTime() (from, to int64) {
	if len(r.Cut) == 0 {
		return 0, 0
	}
	return r.Cut[0].Start(), (r.Cut[len(r.Cut)-1] + 1).Start()
}

// lasting reads the contributions that last throughout units in the time that is cut.
func (r *Request) lasting(ctx context.Context, state table.Table, merged uint64) (out []Lasting, err error) {
	from, to := r.cutTime()
	for scale := 1; scale <= cell.Scales; scale++ {
		first := cell.UnitOf(scale, cell.QuarterOf(from)).DetailKey(r.Tenant, 0)
		last := cell.UnitOf(scale, cell.QuarterOf(to-1)).DetailKey(r.Tenant, merged)
		limit := last.Sort[len(last.Sort)-16:]
		for item, err := range state.Query(ctx, table.Range{Part: first.Part, From: first.Sort, To: last.Sort + "~"}) {
			if err != nil {
				return nil, err
			}
			u, ok := cell.UnitOfDetail(item.Sort)
			if !ok {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, cell.ErrDamaged)
			}
			if item.Sort[len(item.Sort)-16:] > limit {
				continue
			}
			diffs, err := cell.DecodeDifferences(item.Value, r.Measures)
			if err != nil {
				return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
			}
			out = append(out, Lasting{u, diffs})
		}
	}
	return out, nil
}

// detailRange is a run of cut quarters of one day.
type detailRange struct {
	part        string
	first, last cell.Quarter
	want        map[cell.Quarter]bool
}

func detailRanges(tenant string, cut []cell.Quarter) []detailRange {
	var out []detailRange
	for _, q := range cut {
		part := cell.Slot{Quarter: q}.Key(tenant, 0).Part
		if n := len(out); n > 0 && out[n-1].part == part && q-out[n-1].last <= 2 {
			out[n-1].last = q
			out[n-1].want[q] = true
			continue
		}
		out = append(out, detailRange{part: part, first: q, last: q, want: map[cell.Quarter]bool{q: true}})
	}
	return out
}

func (d *detailRange) read(ctx context.Context, state table.Table, merged uint64, want *cell.Measures) (map[cell.Quarter][]cell.Difference, error) {
	_, low := cell.DetailPlace(d.first)
	_, high := cell.DetailPlace(d.last)
	limit := cell.Slot{Quarter: d.first}.Key("", merged).Sort[len(low):]
	day := d.first - cell.Quarter(slotNumber(low))
	out := map[cell.Quarter][]cell.Difference{}
	for item, err := range state.Query(ctx, table.Range{Part: d.part, From: low, To: high + "~"}) {
		if err != nil {
			return nil, err
		}
		q := day + cell.Quarter(slotNumber(item.Sort[:2]))
		if !d.want[q] || item.Sort[2:] > limit {
			continue
		}
		diffs, err := cell.DecodeDifferences(item.Value, want)
		if err != nil {
			return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
		}
		out[q] = append(out[q], diffs...)
	}
	return out, nil
}

func slotNumber(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// dayRange is the cut quarters of one day that something may cover as a whole.
type dayRange struct {
	day  cell.Day
	want []cell.Quarter
}

// dayRanges lists them: most tenants have nothing that lasts a day.
func dayRanges(cut []cell.Quarter, merged cell.Merged) []dayRange {
	var out []dayRange
	for _, q := range cut {
		day := cell.DayOf(q.Start())
		if !merged.HasLong(day) {
			continue
		}
		if n := len(out); n == 0 || out[n-1].day != day {
			out = append(out, dayRange{day: day})
		}
		out[len(out)-1].want = append(out[len(out)-1].want, q)
	}
	return out
}

func (d *dayRange) read(ctx context.Context, state table.Table, tenant string, merged uint64, want *cell.Measures) (out []cell.Difference, err error) {
	slot := d.day.Slot()
	first, last := slot.Key(tenant, 0), slot.Key(tenant, merged)
	for item, err := range state.Query(ctx, table.Range{Part: first.Part, From: first.Sort, To: last.Sort + "~"}) {
		if err != nil {
			return nil, err
		}
		diffs, err := cell.DecodeDifferences(item.Value, want)
		if err != nil {
			return nil, fmt.Errorf("detail %q %q: %w", item.Part, item.Sort, err)
		}
		out = append(out, diffs...)
	}
	return out, nil
}
