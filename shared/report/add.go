package report

import (
	"sort"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// add sums up a reading: blocks for whole quarters, contributions for cut ones,
// the tail beyond each block, and what is open.
func (p *plan) add(r *counter.Reading) error {
	for i := range r.Blocks {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if err := p.addBlock(&r.Blocks[i]); err != nil {
			return err
		}
	}
	if err := p.addDetail(r.Detail); err != nil {
		return err
	}
	for _, l := range r.Lasting {
		for i := range l.Differences {
			c := &l.Differences[i].Contribution
			if p.exact {
				p.exactly(c, l.From(), l.To())
				continue
			}
			for _, q := range p.cutWithin(l.From(), l.To()) {
				p.exactly(c, q.Start(), (q + 1).Start())
			}
		}
	}
	for i := range r.Tail {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		for j := range r.Tail[i].Diffs {
			p.addTail(&r.Tail[i].Diffs[j].Contribution, r.Tail[i].Seq)
		}
	}
	for i := range r.Open {
		p.addOpen(r.Open[i].Contribution)
	}
	p.addPeaks()
	return nil
}

// addDetail adds the contributions of quarters that are cut.
func (p *plan) addDetail(detail map[cell.Quarter][]cell.Difference) error {
	for q, diffs := range detail {
		if !p.isCut(q) {
			continue
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		for i := range diffs {
			p.exactly(&diffs[i].Contribution, q.Start(), (q + 1).Start())
		}
	}
	return nil
}

// totals are those of an entity.
func (p *plan) totals(entity string) Totals {
	totals := p.result.Totals[entity]
	if totals == nil {
		totals = Totals{}
		p.result.Totals[entity] = totals
	}
	return totals
}

// total is one of them.
func (p *plan) total(of Totals, bucket int, w int8) *Total {
	return of.at(bucket, int(w), len(p.wants))
}

// bucket is the index of the bucket a moment lies in, or -1.
func (p *plan) bucket(ms int64) int {
	b := p.q.Buckets
	if p.hint < len(b) && b[p.hint].From <= ms && ms < b[p.hint].To {
		return p.hint
	}
	n := sort.Search(len(b), func(i int) bool { return b[i].To > ms })
	if n == len(b) || b[n].From > ms {
		return -1
	}
	p.hint = n
	return n
}

// entity is the one that a series' value belongs to, if it is under the conditions.
func (p *plan) entity(s measure.Series, value string) (string, bool) {
	parts := table.Split(value)
	dims := []measure.Dim{s[0], s[1]}
	switch s[0] {
	case measure.AgentDepartment:
		if p.q.By == measure.AgentDepartment {
			entity, ok := p.entityOfPair(parts)
			return entity, ok
		}
		dims = []measure.Dim{measure.Agent, measure.Department}
	case measure.Queue:
		dims, parts = dims[:1], []string{value}
	}
	entity := ""
	for i, part := range parts {
		if i >= len(dims) {
			break
		}
		for _, w := range p.q.Where {
			if w.Dim == dims[i] && w.ID != part {
				return "", false
			}
		}
		if dims[i] == p.q.By {
			entity = part
		}
	}
	return entity, true
}

// entityOfPair is the pair itself, where the conditions hold.
func (p *plan) entityOfPair(parts []string) (string, bool) {
	for _, w := range p.q.Where {
		if w.Dim == measure.Agent && w.ID != parts[0] || w.Dim == measure.Department && w.ID != parts[1] {
			return "", false
		}
	}
	return measure.Pair(parts[0], parts[1]), true
}

func (p *plan) addBlock(b *counter.Block) error {
	if b.Wanted < p.base || b.Wanted >= p.base+len(p.request.Wanted) {
		return nil
	}
	wanted := p.request.Wanted[b.Wanted-p.base]
	p.version[blockAt{b.Class, wanted.Series, b.Value, b.Number}] = b.Version
	entity, ok := p.entity(wanted.Series, b.Value)
	switch {
	case !ok:
		return nil
	case wanted.Class == cell.Units:
		return p.addUnits(b, entity)
	}
	var totals Totals
	steps := map[*Total]*cell.Edges{}
	want := func(id measure.ID) bool { return len(p.byID[id]) > 0 }
	err := b.Each(want, func(c cell.Column, q cell.Quarter, sub int64, key string, n int64) {
		if p.isCut(q) {
			return
		}
		at := p.bucket(q.Start())
		if at < 0 {
			return
		}
		if totals == nil {
			totals = p.totals(entity)
		}
		for _, w := range p.byID[c.Measure()] {
			if !p.counts(w, q) {
				continue
			}
			t := p.total(totals, at, w)
			switch wanted.Class.Shape() {
			case cell.Numbers:
				if p.wants[w].m.Shape == measure.Peak {
					p.peak(entity, w, q, q+1, n)
				} else if c.Part() == cell.Count {
					t.N += n
				} else {
					t.Millis += n
				}
			case cell.Histograms:
				if p.wants[w].Distribution {
					t.second(sub, n)
				}
			case cell.Keys:
				t.key(key, n)
			case cell.Steps:
				if steps[t] == nil {
					steps[t] = &cell.Edges{}
				}
				steps[t].Add(q, sub, n)
			}
		}
	})
	for t, s := range steps {
		t.edge(s.End()...)
	}
	return err
}

// counts says whether a want counts in a quarter that is not cut. What lasts counts up to
// now. A function of time does not where the plan has peaks, which say more.
func (p *plan) counts(w int8, q cell.Quarter) bool {
	switch p.wants[w].m.Shape {
	case measure.Step:
		return p.peaks == nil && q.Start() < p.now
	case measure.Level, measure.Peak:
		return q.Start() < p.now
	}
	return true
}

// each calls f with the totals of every entity that a contribution counts for in one
// want, and the value of the series that says so; an exact plan has no series, and its
// value is empty.
func (p *plan) each(c *measure.Contribution, w int8, f func(value string, totals Totals)) {
	s := p.wants[w].series
	if !p.exact {
		c.EachSeries(s, func(value string) {
			if entity, ok := p.entity(s, value); ok {
				f(value, p.totals(entity))
			}
		})
		return
	}
	if !p.holds(c) {
		return
	}
	if p.q.By == measure.None {
		f("", p.totals(""))
		return
	}
	seen := map[string]bool{}
	for _, v := range c.Dims {
		if v.Dim == p.q.By && !seen[v.ID] && p.together(c, v) {
			seen[v.ID] = true
			f("", p.totals(v.ID))
		}
	}
}

// exactly adds the part of a contribution that lies in [from, to).
func (p *plan) exactly(c *measure.Contribution, from, to int64) {
	for _, w := range p.byID[c.Measure] {
		p.each(c, w, func(_ string, totals Totals) { p.window(c, w, totals, from, to) })
	}
}

// window adds to one entity the part of a contribution that lies in [from, to).
func (p *plan) window(c *measure.Contribution, w int8, totals Totals, from, to int64) {
	if !c.Lasts() {
		if c.At < from || c.At >= to {
			return
		}
		if at := p.bucket(c.At); at >= 0 {
			p.point(c, w, p.total(totals, at, w))
		}
		return
	}
	from, to = max(from, c.At, p.request.From), min(to, c.Until, p.request.To, p.now)
	if from >= to {
		return
	}
	b := p.q.Buckets
	for i := sort.Search(len(b), func(i int) bool { return b[i].To > from }); i < len(b) && b[i].From < to; i++ {
		t := p.total(totals, i, w)
		lo, hi := max(from, b[i].From), min(to, b[i].To)
		t.Millis += c.N * (hi - lo)
		if p.wants[w].m.Shape == measure.Step {
			t.edge(step.Edge{At: lo, N: c.N}, step.Edge{At: hi, N: -c.N})
		}
	}
}

func (p *plan) point(c *measure.Contribution, w int8, t *Total) {
	switch p.wants[w].m.Shape {
	case measure.Keyed:
		t.key(c.Key, c.N)
	case measure.Samples:
		t.Millis += c.N * c.Value
		t.N += c.N
		if p.wants[w].Distribution {
			t.second(c.Value/1000, c.N)
		}
	default:
		t.N += c.N
	}
}

// addTail adds a contribution of a log item where blocks do not hold it yet.
func (p *plan) addTail(c *measure.Contribution, seq uint64) {
	if len(p.byID[c.Measure]) == 0 || c.Until == measure.Forever {
		return
	}
	for _, w := range p.byID[c.Measure] {
		p.each(c, w, func(value string, totals Totals) {
			cell.Pieces(c, p.request.From, p.request.To,
				func(q cell.Quarter) { p.addQuarter(c, seq, w, value, totals, q) },
				func(u cell.Unit) { p.addUnit(c, seq, w, value, totals, u) })
		})
	}
}

// addQuarter adds the part of a tail's contribution that lies in one quarter.
func (p *plan) addQuarter(c *measure.Contribution, seq uint64, w int8, value string, totals Totals, q cell.Quarter) {
	from, to := q.Start(), (q + 1).Start()
	if p.isCut(q) {
		p.window(c, w, totals, from, to)
		return
	}
	if !p.counts(w, q) {
		return
	}
	want := &p.wants[w]
	missing := func(class cell.Class) bool {
		return seq > p.version[blockAt{class, want.series, value, class.Number(q)}]
	}
	if want.m.Shape == measure.Peak {
		if entity, ok := p.entity(want.series, value); ok && c.At <= from && to <= c.Until && missing(classesOf(*want)[0]) {
			p.peak(entity, w, q, q+1, c.N)
		}
		return
	}
	if want.m.Shape != measure.Samples {
		if missing(classesOf(*want)[0]) {
			p.window(c, w, totals, from, to)
		}
		return
	}
	at := p.bucket(c.At)
	if at < 0 {
		return
	}
	t := p.total(totals, at, w)
	if missing(cell.Numbers.Of(c.Measure, want.series)) {
		t.N += c.N
		t.Millis += c.N * c.Value
	}
	if want.Distribution && missing(cell.Histograms.Of(c.Measure, want.series)) {
		t.second(c.Value/1000, c.N)
	}
}

// addOpen adds what has not ended, up to now.
func (p *plan) addOpen(c measure.Contribution) {
	for _, w := range p.byID[c.Measure] {
		switch p.wants[w].m.Shape {
		case measure.Samples:
			grown := c
			grown.Value = c.Grown(p.now)
			p.each(&grown, w, func(_ string, totals Totals) { p.window(&grown, w, totals, p.request.From, p.request.To) })
		case measure.Peak:
			p.openPeak(&c, w)
		default:
			c.Until = p.now
			p.each(&c, w, func(_ string, totals Totals) { p.window(&c, w, totals, p.request.From, p.request.To) })
		}
	}
}
