// Package report is the one query planner for all reports: it decides which
// counters a question needs, reads them in one go, and adds them up per entity
// and bucket, exact to the millisecond. In: a Query. Out: a neutral Result. It
// knows no vendor, no HTTP and no clock of its own.
package report

import (
	"fmt"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// Bucket is one period of a report, half-open, in Unix milliseconds.
type Bucket = step.Span

// Query is one question to the counters.
type Query struct {
	// Buckets are consecutive periods, the first From and the last To being the
	// range. Gaps between them are not allowed.
	Buckets []Bucket
	// By is the dimension whose values have totals each; None: there is one entity, "".
	By measure.Dim
	// Where keeps only what counts for all these values. An empty ID, which no entity has,
	// keeps what counts for no value of the dimension: that is looked up fact by fact.
	Where []measure.Value
	Want  []Want
}

// Want is a measure, with what is needed of it beyond its sum.
type Want struct {
	Measure measure.ID
	// Distribution asks for the histogram of Samples.
	Distribution bool
}

// Result holds totals by entity.
type Result struct {
	Query  *Query
	Totals map[string]Totals
}

// Totals are those of one entity, by bucket and want. Buckets in which nothing counted
// are not among them: most are, of a year by hour.
type Totals map[int][]Total

// at returns a total to be added to.
func (r Totals) at(bucket, want, wants int) *Total {
	totals := r[bucket]
	if totals == nil {
		totals = make([]Total, wants)
		r[bucket] = totals
	}
	return &totals[want]
}

// nothing is the total of whatever did not count.
var nothing Total

// At returns one total, which must not be changed where nothing counted: it is the same
// for all.
func (r *Result) At(entity string, bucket, want int) *Total {
	if totals := r.Totals[entity][bucket]; totals != nil {
		return &totals[want]
	}
	return &nothing
}

// plan says how a query is answered. A whole quarter is read from blocks: numbers that
// are kept by series. A quarter that a boundary cuts is read from the contributions
// themselves, since a number of a quarter does not say what of it came before the cut.
type plan struct {
	*Snapshot
	q       *Query
	result  *Result
	request counter.Request // what to read
	wants   []want          // as in the query
	byID    [256][]int8     // the wants of each measure
	// exact: no series is kept of the dimensions that the query combines. So no blocks are
	// read, and all quarters are treated as cut.
	exact bool
	cut   map[cell.Quarter]bool // unless exact
	// lasts: some measure lasts, and so is counted up to now.
	lasts bool
	// version is the number of the log that each block read is merged up to: what the log
	// says later is added.
	version map[blockAt]uint64
	// peaks are the largest values by quarter. They are nil unless the query asks for any.
	// A plan that has them takes functions of time from cut quarters only.
	peaks map[peaksOf][]step.Edge
	hint  int // the bucket found last
	// base is where the plan's blocks begin among those that several plans read together.
	base int
}

// want is a wanted measure, and the series of blocks that has it: of its values those
// that begin with prefix.
type want struct {
	Want
	m      *measure.Measure
	series measure.Series
	prefix string
}

// blockAt names a block.
type blockAt struct {
	class  cell.Class
	series measure.Series
	value  string
	number int64
}

func (s *Snapshot) plan(q *Query) (*plan, error) {
	p := &plan{Snapshot: s, q: q, result: &Result{Query: q, Totals: map[string]Totals{}}, cut: map[cell.Quarter]bool{}, version: map[blockAt]uint64{}}
	if len(q.Buckets) == 0 {
		return p, nil
	}
	from, to := q.Buckets[0].From, q.Buckets[len(q.Buckets)-1].To
	p.request = counter.Request{From: from, To: to}
	for i, w := range q.Want {
		m := measure.Get(w.Measure)
		if m == nil {
			return nil, fmt.Errorf("no measure %d", w.Measure)
		}
		s, prefix := seriesFor(q)
		if m.Shape == measure.Computed {
			p.wants = append(p.wants, want{Want: w, m: m})
			continue
		}
		if !slices.Contains(m.Series, s) || len(q.Where) > 1 && s[0] != measure.AgentDepartment || slices.ContainsFunc(q.Where, ofNone) {
			p.exact = true
		}
		p.wants = append(p.wants, want{w, m, s, prefix})
		p.byID[w.Measure] = append(p.byID[w.Measure], int8(i))
		switch m.Shape {
		case measure.Peak:
			p.lasts, p.peaks = true, map[peaksOf][]step.Edge{}
		case measure.Level, measure.Step:
			p.lasts = true
		}
		p.request.Open = p.request.Open || m.CanLast()
	}
	p.cuts()
	if !p.exact {
		p.blocks()
	}
	return p, nil
}

// seriesFor is the series whose values answer a query, and the prefix its values have.
func seriesFor(q *Query) (measure.Series, string) {
	if q.By == measure.AgentDepartment {
		for _, w := range q.Where {
			if w.Dim == measure.Agent {
				return measure.Series{measure.AgentDepartment}, table.Join(w.ID) + "/"
			}
		}
		return measure.Series{measure.AgentDepartment}, ""
	}
	var dims []measure.Dim
	for _, w := range q.Where {
		dims = append(dims, w.Dim)
	}
	if q.By != measure.None && !slices.Contains(dims, q.By) {
		dims = append(dims, q.By)
	}
	slices.Sort(dims)
	s := measure.Series{measure.Site}
	switch {
	case len(dims) == 0:
		return s, table.Join("") + "/"
	case len(dims) == 1:
		s = measure.Series{dims[0]}
	case len(dims) >= 2 && dims[0] == measure.Agent && dims[1] == measure.Department:
		s = measure.Series{measure.AgentDepartment}
	case len(dims) >= 2:
		s = measure.Series{dims[0], dims[1]}
	}
	for _, w := range q.Where {
		if w.Dim == s[0] || s[0] == measure.AgentDepartment && w.Dim == measure.Agent {
			if w.Dim == measure.Queue || w.Dim == measure.AgentDepartment {
				return s, w.ID + "/"
			}
			return s, table.Join(w.ID) + "/"
		}
	}
	return s, ""
}

// cuts finds the quarters that bucket boundaries and now cut, or, where no series answers
// the query, all in which there is anything.
func (p *plan) cuts() {
	var moments []int64
	if p.lasts && p.request.From < p.now && p.now < p.request.To {
		moments = append(moments, p.now)
	}
	for _, b := range p.q.Buckets {
		moments = append(moments, b.From, b.To)
	}
	p.request.Cut = counter.CutBy(moments...)
	if p.exact {
		p.request.Cut = nil
		first, last := cell.QuarterOf(p.request.From), cell.QuarterOf(p.request.To-1)
		for _, within := range p.merged.Within(first, last+1) {
			for q := within.From; q < within.To; q++ {
				p.request.Cut = append(p.request.Cut, q)
			}
		}
		// What lasts all the time is looked for from the first to the last.
		p.request.Cut = slices.Compact(slices.Sorted(slices.Values(append(p.request.Cut, first, last))))
	}
	for _, q := range p.request.Cut {
		if !p.exact { // else all are
			p.cut[q] = true
		}
	}
}

// isCut says whether a quarter is answered from its contributions.
func (p *plan) isCut(q cell.Quarter) bool { return p.exact || p.cut[q] }

// blocks lists the blocks to be read.
func (p *plan) blocks() {
	for _, w := range p.wants {
		if w.m.Shape == measure.Computed {
			continue
		}
		classes := classesOf(w)
		if w.m.Shape.Lasts() {
			classes = append(classes, cell.Units)
		}
		for _, c := range classes {
			if c.Shape() == cell.Steps && p.peaks != nil {
				continue
			}
			b := counter.Wanted{Class: c, Series: w.series, Prefix: w.prefix}
			parts := []counter.Wanted{b}
			if c != cell.Units { // there are few of them
				parts = p.divided(b)
			}
			for _, b := range parts {
				if !slices.Contains(p.request.Wanted, b) {
					p.request.Wanted = append(p.request.Wanted, b)
				}
			}
		}
	}
}

// A range over all values of a dimension is read in parts at once. together is how many
// values a part has; of keys, which take much room, it has one. There are mostParts at
// most, since a directory keeps all that were ever announced: then parts are larger.
const (
	together  = 4
	mostParts = 64
)

// divided divides a range over all values.
func (p *plan) divided(b counter.Wanted) []counter.Wanted {
	byAgent := b.Series[0] == measure.AgentDepartment && p.q.By == measure.Agent
	if b.Prefix != "" || b.Series[0] != p.q.By && !byAgent {
		return []counter.Wanted{b}
	}
	known := p.known(p.q.By)
	starts := make([]string, len(known))
	for i, id := range known {
		starts[i] = table.Join(id) + "/"
	}
	slices.Sort(starts)
	var out []counter.Wanted
	n := together
	if b.Class.Shape() == cell.Keys {
		n = 1
	}
	n = max(n, (len(starts)+mostParts-1)/mostParts)
	for i := n; i < len(starts); i += n {
		b.High = starts[i]
		out = append(out, b)
		b.Low, b.High = b.High, ""
	}
	return append(out, b)
}

func classesOf(w want) []cell.Class {
	numbers := cell.Numbers.Of(w.m.ID, w.series)
	switch w.m.Shape {
	case measure.Keyed:
		return []cell.Class{cell.Keys.Of(w.m.ID, w.series)}
	case measure.Step:
		return []cell.Class{cell.Steps.Of(w.m.ID, w.series)}
	case measure.Samples:
		if w.Distribution {
			return []cell.Class{numbers, cell.Histograms.Of(w.m.ID, w.series)}
		}
	}
	return []cell.Class{numbers}
}
