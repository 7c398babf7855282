package report

import (
	"sort"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// cutWithin are the quarters of [from, to) that are cut.
func (p *plan) cutWithin(from, to int64) []cell.Quarter {
	cut := p.request.Cut
	first := sort.Search(len(cut), func(i int) bool { return cut[i].Start() >= from })
	last := sort.Search(len(cut), func(i int) bool { return cut[i].Start() >= to })
	return cut[first:last]
}

// addUnits adds a block of units to an entity: what is throughout a unit is in each of its
// quarters but those that are cut, which are answered from contributions.
func (p *plan) addUnits(b *counter.Block, entity string) error {
	want := func(id measure.ID) bool { return len(p.byID[id]) > 0 }
	return b.EachUnit(want, func(id measure.ID, u cell.Unit, n int64) {
		for _, w := range p.byID[id] {
			p.throughout(entity, w, u, n)
		}
	})
}

// throughout adds what is throughout a unit, but in cut quarters.
func (p *plan) throughout(entity string, w int8, u cell.Unit, n int64) {
	from, to := max(u.From(), p.request.From), min(u.To(), p.request.To, p.now)
	if from >= to {
		return
	}
	if p.wants[w].m.Shape == measure.Peak {
		p.peak(entity, w, cell.QuarterOf(from), cell.QuarterOf(to-1)+1, n)
		return
	}
	if p.wants[w].m.Shape == measure.Step && p.peaks != nil {
		return // peaks tell
	}
	totals := p.totals(entity)
	p.stretch(w, totals, from, to, n)
	for _, q := range p.cutWithin(from-cell.QuarterMillis, to) {
		p.stretch(w, totals, max(from, q.Start()), min(to, (q+1).Start()), -n)
	}
}

// stretch adds n for all of [from, to) to one entity.
func (p *plan) stretch(w int8, totals Totals, from, to, n int64) {
	if from >= to {
		return
	}
	b := p.q.Buckets
	for i := sort.Search(len(b), func(i int) bool { return b[i].To > from }); i < len(b) && b[i].From < to; i++ {
		t := p.total(totals, i, w)
		lo, hi := max(from, b[i].From), min(to, b[i].To)
		t.Millis += n * (hi - lo)
		if p.wants[w].m.Shape == measure.Step {
			t.edge(step.Edge{At: lo, N: n}, step.Edge{At: hi, N: -n})
		}
	}
}

// addUnit adds what a contribution of the log is in a unit.
func (p *plan) addUnit(c *measure.Contribution, seq uint64, w int8, value string, totals Totals, u cell.Unit) {
	series := p.wants[w].series
	if p.exact || seq > p.version[blockAt{u.Class(), series, value, u.Block()}] {
		if p.exact {
			p.window(c, w, totals, u.From(), u.To())
		} else if entity, ok := p.entity(series, value); ok {
			p.throughout(entity, w, u, c.N)
		}
	}
	if !p.exact {
		for _, q := range p.cutWithin(u.From(), u.To()) {
			p.window(c, w, totals, q.Start(), (q + 1).Start())
		}
	}
}
