package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// The largest value in a quarter hour is kept as a number, which adds up, so that a
// report needs no function of time, which may change every millisecond. Only where a
// quarter is cut, it is looked up in the function itself.

// peaksOf names the peaks of one row.
type peaksOf struct {
	entity string
	want   int8
}

// peak adds to the largest value in each of some quarters.
func (p *plan) peak(entity string, w int8, from, to cell.Quarter, n int64) {
	from, to = max(from, cell.QuarterOf(p.request.From)), min(to, cell.QuarterOf(min(p.request.To, p.now)-1)+1)
	if from < to {
		of := peaksOf{entity, w}
		p.peaks[of] = append(p.peaks[of], step.Edge{At: int64(from), N: n}, step.Edge{At: int64(to), N: -n})
	}
}

// openPeak adds what has not ended to all quarters before those of now.
func (p *plan) openPeak(c *measure.Contribution, w int8) {
	p.rows(c, w, func(value string, _ Totals) {
		entity, _ := p.entity(p.wants[w].series, value)
		p.peak(entity, w, cell.QuarterOf(c.At), cell.QuarterOf(p.now), c.N)
	})
}

// addPeaks makes the largest of each bucket's quarters its number.
func (p *plan) addPeaks() {
	b := p.q.Buckets
	for of, edges := range p.peaks {
		row := p.row(of.entity)
		step.Sweep(edges, func(from, to, n int64) {
			for q, end := cell.Quarter(from), cell.Quarter(to); n > 0 && q < end; {
				at := p.bucket(q.Start())
				if at < 0 { // the first quarter may begin before the range
					q++
					continue
				}
				// The quarters that begin in the bucket.
				next := min(end, cell.QuarterOf(b[at].To-1)+1)
				for q < next && p.isCut(q) {
					q++
				}
				if q < next {
					t := p.total(row, at, of.want)
					t.N = max(t.N, n)
				}
				q = next
			}
		})
	}
}
