package report

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Row is what one fact adds to a total.
type Row struct {
	// Kind and ID name the fact: a chat, a visitor, an agent, a message.
	Kind, ID string
	Measure  measure.ID
	// Bucket and Entity are those of the total.
	Bucket int
	Entity string
	// At is when it counts, in Unix milliseconds. Of what lasts, At and Until are
	// the ends of the part that lies in the bucket; else Until is 0.
	At, Until int64
	// N is how many; Millis is the length of samples, or the time it adds.
	N, Millis int64
	Key       string // of a Keyed measure
	// Agent is whose time it is, where a figure is made per agent.
	Agent string
	// Open: it has not ended, and counts up to now.
	Open bool
}

// Pick says which totals of a query rows are wanted of.
type Pick struct {
	Measures []measure.ID
	Buckets  []int // in order
	Entity   string
	// From: what is counted before this moment is not needed.
	From int64
}

// Compare orders rows: by time, then by id.
func (r *Row) Compare(o *Row) int {
	return cmp.Or(
		cmp.Compare(r.At, o.At), cmp.Compare(r.ID, o.ID), cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.Measure, o.Measure),
		cmp.Compare(r.Key, o.Key), cmp.Compare(r.Agent, o.Agent), cmp.Compare(r.Until, o.Until), cmp.Compare(r.N, o.N), cmp.Compare(r.Millis, o.Millis),
	)
}

// Rows yields, in order, the rows that the picked totals of a query are made of:
// their N, Millis and keys add up to what Run answers. Of a Step the times add up to
// the time it is above zero, of maxQueueSize the numbers to the largest. It reads on only as long as rows are taken, unless a
// figure takes all of its bucket.
func (s *Snapshot) Rows(q *Query, pick Pick) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		t, err := newTracer(s, q, pick)
		if err == nil {
			err = t.run(yield)
		}
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// tracer finds the facts behind totals. It has no rules of its own about what counts: it
// lets the plan of a query add up each contribution alone, and what comes out is its row.
type tracer struct {
	*Snapshot
	q    *Query
	pick Pick
	// want are the figures that add up over facts, derived those that only many facts make
	// together.
	want    []Want
	derived []measure.ID
	// exact is that of the plan of the whole query. The plans of single buckets ask for
	// fewer measures, and might otherwise be answered from a series.
	exact bool
	// wanted are the measures to be read. whole: for some figure, a union or a maximum, the
	// whole bucket must be read before the first row is known.
	wanted [256]bool
	whole  bool
	// recent are the contributions of the log that are not merged yet, and what is open.
	recent  []cell.Difference
	buckets map[int]*tracedBucket
}

// tracedBucket is one bucket: its plan, those of what derived measures follow from, and the
// rows that wait until the whole bucket is read.
type tracedBucket struct {
	number int
	plan   *plan
	traced []traced
	steps  [][]Row   // by want
	pieces [][][]Row // by traced figure and want of its plan
}

func newTracer(s *Snapshot, q *Query, pick Pick) (*tracer, error) {
	p, err := s.plan(q)
	if err != nil {
		return nil, err
	}
	t := &tracer{Snapshot: s, q: q, pick: pick, exact: p.exact, buckets: map[int]*tracedBucket{}}
	for _, id := range pick.Measures {
		bases := measure.Get(id).Of
		for _, base := range bases {
			t.wanted[base] = true
		}
		if bases != nil {
			t.derived = append(t.derived, id)
		} else {
			t.want = append(t.want, Want{Measure: id})
			t.wanted[id] = true
		}
		t.whole = t.whole || bases != nil || measure.Get(id).Shape == measure.Step
	}
	return t, nil
}

// bucket returns a bucket's plans.
func (t *tracer) bucket(n int) (*tracedBucket, error) {
	if b := t.buckets[n]; b != nil {
		return b, nil
	}
	if !t.whole {
		clear(t.buckets) // they come one after the other
	}
	q := *t.q
	q.Buckets, q.Want = t.q.Buckets[n:n+1], t.want
	p, err := t.plan(&q)
	if err != nil {
		return nil, err
	}
	p.exact = t.exact
	b := &tracedBucket{number: n, plan: p, steps: make([][]Row, len(p.wants))}
	for _, id := range t.derived {
		figure, err := p.trace(id)
		if err != nil {
			return nil, err
		}
		b.traced = append(b.traced, figure)
		b.pieces = append(b.pieces, make([][]Row, len(figure.plan.wants)))
	}
	t.buckets[n] = b
	return b, nil
}

// place is a quarter of a bucket.
type place struct {
	bucket  int
	quarter cell.Quarter
}

// How many quarters are read at once: few at first, more later.
const (
	firstQuarters = 96
	mostQuarters  = 96 * 64
)

func (t *tracer) run(yield func(Row, error) bool) error {
	reading, err := counter.Read(t.ctx, t.state, counter.Request{Tenant: t.tenant, Open: true}, t.merged)
	if err != nil {
		return err
	}
	t.setRecent(reading) // all later reads are of detail, which stays what it is
	places := t.places()
	if err := t.admit(t.cost(places)); err != nil {
		return err
	}
	size := firstQuarters
	var all []Row
	for len(places) > 0 {
		n := min(size, len(places))
		request := counter.Request{Tenant: t.tenant}
		for _, p := range places[:n] {
			request.Cut = append(request.Cut, p.quarter)
		}
		request.Cut = slices.Compact(request.Cut)
		reading, err := t.read(request)
		if err != nil {
			return err
		}
		rows, err := t.pass(places[:n], reading)
		if err != nil {
			return err
		}
		places, size = places[n:], min(2*size, mostQuarters)
		all = append(all, rows...)
		if t.whole {
			continue
		}
		if !give(all, yield) {
			return nil
		}
		all = all[:0]
	}
	for _, b := range t.buckets {
		all = append(all, b.whole(t.pick.Entity)...)
	}
	give(all, yield)
	return nil
}

func give(rows []Row, yield func(Row, error) bool) bool {
	slices.SortFunc(rows, func(a, b Row) int { return a.Compare(&b) })
	for i := range rows {
		if !yield(rows[i], nil) {
			return false
		}
	}
	return true
}

// places lists, in order, the quarters of the buckets in which anything may be seen.
func (t *tracer) places() []place {
	var out []place
	for _, n := range t.pick.Buckets {
		b := t.q.Buckets[n]
		first, last := cell.QuarterOf(b.From), cell.QuarterOf(b.To-1)
		if !t.whole {
			first = max(first, cell.QuarterOf(t.pick.From))
		}
		if first > last {
			continue
		}
		quarters := []cell.Quarter{first} // in it, what lasts longer than the bucket is seen
		for _, within := range t.merged.Within(first, last+1) {
			for q := within.From; q < within.To; q++ {
				quarters = append(quarters, q)
			}
		}
		for i := range t.recent {
			if q := seenIn(&t.recent[i].Contribution, b.From); first <= q && q <= last {
				quarters = append(quarters, q)
			}
		}
		slices.Sort(quarters)
		for _, q := range slices.Compact(quarters) {
			out = append(out, place{n, q})
		}
	}
	return out
}

func (t *tracer) setRecent(r *counter.Reading) {
	for i := range r.Tail {
		for _, d := range r.Tail[i].Diffs {
			if t.wanted[d.Measure] && d.Until != measure.Forever {
				t.recent = append(t.recent, d)
			}
		}
	}
	for _, d := range r.Open {
		if t.wanted[d.Measure] {
			t.recent = append(t.recent, d)
		}
	}
}

// pass gives the rows of some quarters; those of unions and maxima it keeps.
func (t *tracer) pass(places []place, reading *counter.Reading) ([]Row, error) {
	var out []Row
	detail := slices.Sorted(maps.Keys(reading.Detail)) // of the quarters that have any
	for len(places) > 0 {
		if err := t.ctx.Err(); err != nil {
			return nil, err
		}
		n := 1
		for n < len(places) && places[n].bucket == places[0].bucket {
			n++
		}
		first, last := places[0].quarter, places[n-1].quarter
		b, err := t.bucket(places[0].bucket)
		if err != nil {
			return nil, err
		}
		places = places[n:]
		from := b.plan.request.From
		var diffs []cell.Difference
		begin, _ := slices.BinarySearch(detail, first)
		for _, q := range detail[begin:] {
			if q > last {
				break
			}
			for _, d := range reading.Detail[q] {
				if t.wanted[d.Measure] && seenIn(&d.Contribution, from) == q {
					diffs = append(diffs, d)
				}
			}
		}
		for _, l := range reading.Lasting {
			for _, d := range l.Differences {
				q := seenIn(&d.Contribution, from)
				if t.wanted[d.Measure] && first <= q && q <= last && l.From() <= q.Start() && q.Start() < l.To() {
					diffs = append(diffs, d)
				}
			}
		}
		for _, d := range t.recent {
			if q := seenIn(&d.Contribution, from); first <= q && q <= last {
				diffs = append(diffs, d)
			}
		}
		// A contribution and the taking back of it are seen in the same quarter.
		for _, d := range cell.Net(diffs) {
			out = b.take(&d, t.pick.Entity, out)
		}
	}
	return out, nil
}

// seenIn is the one quarter in which a contribution is looked at: a level stands in
// every quarter it touches.
func seenIn(c *measure.Contribution, from int64) cell.Quarter {
	if c.Lasts() {
		return cell.QuarterOf(max(c.At, from))
	}
	return cell.QuarterOf(c.At)
}

// take appends what a difference adds to the entity's totals.
func (b *tracedBucket) take(d *cell.Difference, entity string, out []Row) []Row {
	b.plan.alone(&d.Contribution, func(e string, w int, t *Total) {
		switch {
		case e != entity:
		case b.plan.wants[w].m.Shape == measure.Step:
			b.steps[w] = append(b.steps[w], b.row(d, e, t))
		default:
			out = append(out, b.row(d, e, t))
		}
	})
	for i, other := range b.traced {
		other.plan.alone(&d.Contribution, func(e string, w int, t *Total) {
			b.pieces[i][w] = append(b.pieces[i][w], b.row(d, e, t))
		})
	}
	return out
}

// alone calls f with every total that one contribution would make if it were the
// only one.
func (p *plan) alone(c *measure.Contribution, f func(entity string, w int, t *Total)) {
	if len(p.byID[c.Measure]) == 0 {
		return
	}
	clear(p.result.Totals)
	if c.Until == measure.Forever {
		p.addOpen(*c)
	} else {
		p.exactly(c, p.request.From, p.request.To)
	}
	for entity, totals := range p.result.Totals {
		for w := range totals[0] { // there is one bucket
			if t := &totals[0][w]; t.N != 0 || t.Millis != 0 || len(t.Keys) > 0 {
				f(entity, w, t)
			}
		}
	}
}

func (b *tracedBucket) row(d *cell.Difference, entity string, t *Total) Row {
	name := table.Split(d.Fact)
	r := Row{
		Kind: name[0], ID: name[1], Measure: d.Measure, Bucket: b.number, Entity: entity,
		At: d.At, N: t.N, Millis: t.Millis, Open: d.Until == measure.Forever,
	}
	switch shape := measure.Get(d.Measure).Shape; {
	case shape == measure.Keyed:
		r.N, r.Key = t.Keys[d.Key], d.Key
	case d.Lasts():
		r.At, r.Until, r.N = max(d.At, b.plan.request.From), min(d.Until, b.plan.now, b.plan.request.To), d.N
	}
	return r
}

// whole gives the rows of the figures that take all of the bucket.
func (b *tracedBucket) whole(entity string) []Row {
	var out []Row
	for _, rows := range b.steps {
		out = append(out, shared(rows, nil)...)
	}
	for i, f := range b.traced {
		out = append(out, f.rows(b.plan, f.plan, b.pieces[i], entity)...)
	}
	return out
}
