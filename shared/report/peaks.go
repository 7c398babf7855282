package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
)

// What has not ended is known only up to now, and times may be ahead of the clock by
// some minutes: in these quarters the largest value is looked up in the function.
const ahead = 15 * 60 * 1000

// unsettled says whether a quarter is one of those.
func (p *plan) unsettled(q cell.Quarter) bool {
	return q >= cell.QuarterOf(p.q.Now) && q <= cell.QuarterOf(p.q.Now+ahead)
}

// instead says whether a quarter's peak is taken and not its function.
func (p *plan) instead(q cell.Quarter) bool { return p.peaks != nil && !p.cut[q] && !p.unsettled(q) }

// functionBlocks narrows the blocks of a function to those of unsettled quarters.
func (p *plan) functionBlocks(b cell.Wanted) cell.Wanted {
	b.From, b.To = cell.QuarterOf(p.q.Now).Start(), (cell.QuarterOf(p.q.Now+ahead) + 1).Start()
	return b
}

// peaksOf names the peaks of one row.
type peaksOf struct {
	entity string
	want   int8
}

// peak adds to the largest value in a quarter.
func (p *plan) peak(entity string, w int8, q cell.Quarter, n int64) {
	first := cell.QuarterOf(p.request.From)
	if !p.instead(q) || q < first || q.Start() >= p.request.To {
		return
	}
	of := p.peaks[peaksOf{entity, w}]
	if of == nil {
		of = make([]int64, cell.QuarterOf(p.request.To-1)-first+1)
		p.peaks[peaksOf{entity, w}] = of
	}
	of[q-first] += n
}

// openPeak adds what has not ended to all quarters before those of now.
func (p *plan) openPeak(c *measure.Contribution, w int8) {
	p.rows(c, w, func(value string, _ []Total) {
		entity, _ := p.entity(p.wants[w].series, value)
		last := min(cell.QuarterOf(p.q.Now)-1, cell.QuarterOf(p.request.To-1))
		for q := cell.QuarterOf(max(c.At, p.request.From)); q <= last; q++ {
			p.peak(entity, w, q, c.N)
		}
	})
}

// addPeaks makes the largest of each bucket's quarters its number.
func (p *plan) addPeaks() {
	first := cell.QuarterOf(p.request.From)
	for of, quarters := range p.peaks {
		row := p.row(of.entity)
		for i, n := range quarters {
			if n > 0 {
				t := &row[p.bucket((first+cell.Quarter(i)).Start())*len(p.wants)+int(of.want)]
				t.N = max(t.N, n)
			}
		}
	}
}
