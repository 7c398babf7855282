package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
)

// peaksOf names the peaks of one row.
type peaksOf struct {
	entity string
	want   int8
}

// quarters are what the largest values in quarters are made of: what has ended, and by
// how much what has not is more from a quarter on.
type quarters struct{ ended, since []int64 }

func (p *plan) quarters(entity string, w int8) *quarters {
	of := p.peaks[peaksOf{entity, w}]
	if of == nil {
		n := cell.QuarterOf(p.request.To-1) - cell.QuarterOf(p.request.From) + 1
		of = &quarters{make([]int64, n), make([]int64, n)}
		p.peaks[peaksOf{entity, w}] = of
	}
	return of
}

// peak adds to the largest value in a quarter.
func (p *plan) peak(entity string, w int8, q cell.Quarter, n int64) {
	first := cell.QuarterOf(p.request.From)
	if p.cut[q] || q < first || q.Start() >= p.request.To {
		return
	}
	p.quarters(entity, w).ended[q-first] += n
}

// openPeak adds what has not ended to all quarters before those of now.
func (p *plan) openPeak(c *measure.Contribution, w int8) {
	p.rows(c, w, func(value string, _ []Total) {
		entity, _ := p.entity(p.wants[w].series, value)
		first, q := cell.QuarterOf(p.request.From), cell.QuarterOf(max(c.At, p.request.From))
		if q.Start() < min(p.now, p.request.To) {
			p.quarters(entity, w).since[q-first] += c.N
		}
	})
}

// addPeaks makes the largest of each bucket's quarters its number.
func (p *plan) addPeaks() {
	first, now := cell.QuarterOf(p.request.From), cell.QuarterOf(p.now)
	for of, quarters := range p.peaks {
		row := p.row(of.entity)
		open := int64(0)
		for i, n := range quarters.ended {
			open += quarters.since[i]
			q := first + cell.Quarter(i)
			if q < now && !p.cut[q] {
				n += open
			}
			if n > 0 {
				t := &row[p.bucket(q.Start())*len(p.wants)+int(of.want)]
				t.N = max(t.N, n)
			}
		}
	}
}
