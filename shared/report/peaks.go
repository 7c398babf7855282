package report

import (
	"maps"
	"slices"
	"sort"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
)

// peaksOf names the peaks of one row.
type peaksOf struct {
	entity string
	want   int8
}

// quarters are what the largest values in quarters are made of, by quarter: what has
// ended, and by how much what has not is more from a quarter on.
type quarters struct{ ended, since map[cell.Quarter]int64 }

func (p *plan) quarters(entity string, w int8) *quarters {
	of := p.peaks[peaksOf{entity, w}]
	if of == nil {
		of = &quarters{map[cell.Quarter]int64{}, map[cell.Quarter]int64{}}
		p.peaks[peaksOf{entity, w}] = of
	}
	return of
}

// peak adds to the largest value in a quarter.
func (p *plan) peak(entity string, w int8, q cell.Quarter, n int64) {
	if p.isCut(q) || q < cell.QuarterOf(p.request.From) || q.Start() >= p.request.To {
		return
	}
	p.quarters(entity, w).ended[q] += n
}

// openPeak adds what has not ended to all quarters before those of now.
func (p *plan) openPeak(c *measure.Contribution, w int8) {
	p.rows(c, w, func(value string, _ Totals) {
		entity, _ := p.entity(p.wants[w].series, value)
		q := cell.QuarterOf(max(c.At, p.request.From))
		if q.Start() < min(p.now, p.request.To) {
			p.quarters(entity, w).since[q] += c.N
		}
	})
}

// addPeaks makes the largest of each bucket's quarters its number.
func (p *plan) addPeaks() {
	for of, quarters := range p.peaks {
		row := p.row(of.entity)
		most := func(q cell.Quarter, n int64) {
			if n > 0 {
				t := p.total(row, p.bucket(q.Start()), of.want)
				t.N = max(t.N, n)
			}
		}
		open := p.open(quarters)
		for q, n := range quarters.ended {
			if i := sort.Search(len(open), func(i int) bool { return open[i].from > q }); i > 0 && q < open[i-1].to {
				n += open[i-1].n
			}
			most(q, n)
		}
		for _, o := range open {
			p.eachUntold(quarters, o, func(q cell.Quarter) { most(q, o.n) })
		}
	}
}

// opened is how much has not ended, in the quarters of [from, to).
type opened struct {
	from, to cell.Quarter
	n        int64
}

// open adds up what has not ended, up to the quarters of now.
func (p *plan) open(quarters *quarters) []opened {
	end := min(cell.QuarterOf(p.now), cell.QuarterOf(p.request.To-1)+1)
	var out []opened
	n := int64(0)
	for _, q := range slices.Sorted(maps.Keys(quarters.since)) {
		if len(out) > 0 {
			out[len(out)-1].to = q
		}
		n += quarters.since[q]
		out = append(out, opened{q, end, n})
	}
	return out
}

// eachUntold yields, of every bucket, one whole quarter of what is open of which no more
// is known, if there is any.
func (p *plan) eachUntold(quarters *quarters, o opened, f func(cell.Quarter)) {
	b := p.q.Buckets
	for i := sort.Search(len(b), func(i int) bool { return b[i].To > o.from.Start() }); o.n > 0 && i < len(b) && b[i].From < o.to.Start(); i++ {
		for q := max(o.from, cell.QuarterOf(b[i].From)); q < o.to && q.Start() < b[i].To; q++ {
			if _, told := quarters.ended[q]; !told && !p.isCut(q) && b[i].From <= q.Start() {
				f(q)
				break
			}
		}
	}
}
