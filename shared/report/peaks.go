package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// A maximum is not read from the function of time that it is of: that may change every
// millisecond. Its largest value in each quarter hour is kept as a number, and the largest
// of a bucket is the largest of its quarters. Only in a quarter that a boundary cuts the
// function itself is looked at.

// peaksOf names the peaks of one entity.
type peaksOf struct {
	entity string
	want   int8
}

// peak adds n to the largest value in each of some quarters, up to now.
func (p *plan) peak(entity string, w int8, from, to cell.Quarter, n int64) {
	from, to = max(from, cell.QuarterOf(p.request.From)), min(to, cell.QuarterOf(min(p.request.To, p.now)-1)+1)
	if from < to {
		of := peaksOf{entity, w}
		p.peaks[of] = append(p.peaks[of], step.Edge{At: int64(from), N: n}, step.Edge{At: int64(to), N: -n})
	}
}

// openPeak adds a part of the largest value that has no end, up to the quarter of now.
func (p *plan) openPeak(c *measure.Contribution, w int8) {
	p.each(c, w, func(value string, _ Totals) {
		entity, _ := p.entity(p.wants[w].series, value)
		p.peak(entity, w, cell.QuarterOf(c.At), cell.QuarterOf(p.now), c.N)
	})
}

// addPeaks gives each bucket the largest number of its quarters.
func (p *plan) addPeaks() {
	b := p.q.Buckets
	for of, edges := range p.peaks {
		totals := p.totals(of.entity)
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
					t := p.total(totals, at, of.want)
					t.N = max(t.N, n)
				}
				q = next
			}
		})
	}
}
