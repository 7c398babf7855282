package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
)

// Window returns the contributions of some measures that lie in [from, to], both
// ends included, or are in force at some time of it, each with the fact it comes
// from: what is going on, rather than how much there was. Their number is bounded
// by what happened in the window and what is open.
func (s *Snapshot) Window(from, to int64, ids ...measure.ID) ([]cell.Difference, error) {
	first, last := cell.QuarterOf(from), cell.QuarterOf(to)
	request := counter.Request{Tenant: s.tenant, From: from, To: to + 1, Open: true}
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
	var wanted [256]bool
	for _, id := range ids {
		wanted[id] = true
	}
	var all []cell.Difference
	add := func(d *cell.Difference) {
		until := d.At + 1
		if d.Lasts() {
			until = max(until, d.Until)
		}
		if wanted[d.Measure] && d.At <= to && until > from {
			all = append(all, *d)
		}
	}
	for q, diffs := range reading.Detail {
		for i := range diffs {
			// A level stands in every quarter it touches: take it from the first.
			if q == max(first, cell.QuarterOf(diffs[i].At)) {
				add(&diffs[i])
			}
		}
	}
	for _, l := range reading.Lasting {
		for i := range l.Differences {
			if q := max(first, cell.QuarterOf(l.Differences[i].At)); l.From() <= q.Start() && q.Start() < l.To() {
				add(&l.Differences[i])
			}
		}
	}
	for i := range reading.Tail {
		for j := range reading.Tail[i].Diffs {
			if d := &reading.Tail[i].Diffs[j]; d.Until != measure.Forever {
				add(d)
			}
		}
	}
	for i := range reading.Open {
		add(&reading.Open[i])
	}
	return cell.Net(all), s.ctx.Err()
}
