package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
)

// Window lists the contributions of some measures that count at a moment of [from, to]
// (Unix milliseconds, both ends included), or last over any of it, each with the fact it
// comes from. Where Run says how much there was, this says what it was: who waits now, and
// since when; which chats were going on.
//
// A contribution is given whole, also where it reaches beyond the window, and once; what
// was taken back is not among them. All quarters of the window are read by contribution,
// so it takes as much as happened there, and it is for minutes and hours.
func (s *Snapshot) Window(from, to int64, ids ...measure.ID) ([]cell.Difference, error) {
	var wanted cell.Measures
	for _, id := range ids {
		wanted[id] = true
	}
	first, last := cell.QuarterOf(from), cell.QuarterOf(to)
	request := counter.Request{Tenant: s.tenant, From: from, To: to + 1, Open: true, Measures: &wanted}
	for q := first; q <= last; q++ {
		request.Cut = append(request.Cut, q)
	}
	if err := s.admit(Cost{Quarters: int64(len(request.Cut))}); err != nil {
		return nil, err
	}
	reading, err := s.read(request)
	if err != nil {
		return nil, err
	}
	var all []cell.Difference
	add := func(d *cell.Difference) {
		until := d.At + 1
		if d.Lasts() {
			until = max(until, d.Until)
		}
		if d.At <= to && until > from {
			all = append(all, *d)
		}
	}
	// What lasts stands in every quarter and unit that it touches. It is taken where it
	// stands for the first quarter of the window that it touches, and nowhere else.
	taken := func(d *cell.Difference) cell.Quarter { return max(first, cell.QuarterOf(d.At)) }
	for q, diffs := range reading.Detail {
		for i := range diffs {
			if q == taken(&diffs[i]) {
				add(&diffs[i])
			}
		}
	}
	for _, l := range reading.Lasting {
		for i := range l.Differences {
			if q := taken(&l.Differences[i]); l.First() <= q && q < l.End() {
				add(&l.Differences[i])
			}
		}
	}
	for i := range reading.Tail {
		for j := range reading.Tail[i].Diffs {
			if d := &reading.Tail[i].Diffs[j]; d.Until != measure.Forever { // that is in Open
				add(d)
			}
		}
	}
	for i := range reading.Open {
		add(&reading.Open[i])
	}
	return cell.Net(all), s.ctx.Err()
}
