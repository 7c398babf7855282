package report

import (
	"errors"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
)

// Run answers a query. Whatever the measures, the counters are read in one go.
func (s *Snapshot) Run(q *Query) (*Result, error) {
	results, err := s.RunAll(q)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// RunAll answers several queries of one range as of one moment.
func (s *Snapshot) RunAll(queries ...*Query) ([]*Result, error) {
	t, err := s.questions(queries)
	if err != nil {
		return nil, err
	}
	if len(t.plans) > 0 {
		if err := s.admit(t.cost()); err != nil {
			return nil, err
		}
		if err := t.run(); err != nil {
			return nil, err
		}
	}
	return t.results, s.ctx.Err()
}

// questions are queries that are answered as of one moment.
type questions struct {
	*Snapshot
	results []*Result
	// plans are those of the queries and of what they are computed from.
	plans    []*plan
	computed []computation
	request  counter.Request
}

func (s *Snapshot) questions(queries []*Query) (*questions, error) {
	t := &questions{Snapshot: s, request: counter.Request{Tenant: s.tenant, Measures: new(cell.Measures)}}
	for _, q := range queries {
		main, err := s.plan(q)
		if err != nil {
			return nil, err
		}
		t.results = append(t.results, main.result)
		if len(q.Buckets) == 0 {
			continue
		}
		others, err := main.computations()
		if err != nil {
			return nil, err
		}
		t.plans = append(t.plans, main)
		for _, d := range others {
			d.main = main
			t.computed = append(t.computed, d)
			t.plans = append(t.plans, d.plan)
		}
	}
	for i, p := range t.plans {
		if i == 0 {
			t.request.From, t.request.To = p.request.From, p.request.To
		}
		if p.request.From != t.request.From || p.request.To != t.request.To {
			return nil, errors.New("report: queries answered together must be of one range")
		}
		for id, wants := range p.byID {
			t.request.Measures[id] = t.request.Measures[id] || len(wants) > 0
		}
		p.base = len(t.request.Wanted)
		t.request.Wanted = append(t.request.Wanted, p.request.Wanted...)
		t.request.Cut = append(t.request.Cut, p.request.Cut...)
		t.request.Open = t.request.Open || p.request.Open
	}
	slices.Sort(t.request.Cut)
	t.request.Cut = slices.Compact(t.request.Cut)
	return t, nil
}

// run reads and adds up. Of many quarters that are cut it reads some after the others,
// so that no more than those are held: detail that is merged stays what it is, and
// whatever is not, or lasts for long, comes with the first. (That reads the last
// quarter too, so that it knows the whole time.)
func (t *questions) run() error {
	first, rest := t.request, []cell.Quarter(nil)
	if n := len(first.Cut); n > mostQuarters {
		first.Cut = append(slices.Clone(first.Cut[:mostQuarters-1]), t.request.Cut[n-1])
		rest = t.request.Cut[mostQuarters-1 : n-1]
	}
	reading, err := t.read(first)
	if err != nil {
		return err
	}
	for _, p := range t.plans {
		if err := p.add(reading); err != nil {
			return err
		}
	}
	for cut := range slices.Chunk(rest, mostQuarters) {
		reading, err := t.read(counter.Request{Tenant: t.tenant, Measures: t.request.Measures, Cut: cut})
		if err != nil {
			return err
		}
		for _, p := range t.plans {
			if err := p.addDetail(reading.Detail); err != nil {
				return err
			}
		}
	}
	for _, d := range t.computed {
		d.fill(d.main)
	}
	return nil
}
