package derive_test

import (
	"context"
	"maps"
	"slices"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// audit wants no finding, though others work between its reads.
func (m *model) audit(split bool, others ...func()) {
	m.t.Helper()
	ctx := context.Background()
	between := func() {
		for _, f := range others {
			f()
		}
	}
	var days []cell.Day
	seen := map[cell.Day]bool{}
	for _, list := range m.facts {
		for i := range list {
			audit.Days(&list[i], func(d cell.Day) { seen[d] = true })
		}
	}
	for item, err := range m.state.Scan(ctx, "acme/") {
		if err != nil {
			m.t.Fatal(err)
		}
		audit.StoredDays(item, func(d cell.Day) { seen[d] = true })
	}
	for d := range seen {
		days = append(days, d)
	}
	slices.Sort(days)
	for open := true; open || len(days) > 0; open = false {
		n := len(days)
		switch {
		case m.ages: // there are too many for more than one audit
		case split:
			n = min(n, 2)
		}
		at, err := audit.At(ctx, &betweenReads{Table: m.state, others: between}, "acme")
		if err != nil {
			m.t.Fatal(err)
		}
		a := at.Days(days[:n], open)
		days = days[n:]
		for _, name := range slices.Sorted(maps.Keys(m.facts)) {
			between()
			at.Saw(name, m.log[name], m.facts[name])
			a.Fact(name, m.facts[name])
		}
		for item, err := range m.state.Scan(ctx, "acme/") {
			if err != nil {
				m.t.Fatal(err)
			}
			a.Stored(item)
		}
		first, _, err := at.End(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		findings, err := a.Findings(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		findings = append(findings, first...)
		for i, f := range findings {
			if i < 10 {
				m.t.Errorf("%+v", f)
			}
		}
	}
}

// stepFunction names a function of time.
type stepFunction struct {
	of    measure.ID
	value measure.Value
}

// compare wants that all that was derived adds up to unions and maxima.
func (m *model) compare() {
	m.t.Helper()
	edges := map[stepFunction][]step.Edge{}
	add := func(c *measure.Contribution) {
		for _, v := range c.Dims {
			id := stepFunction{c.Measure, v}
			edges[id] = append(edges[id], step.Edge{At: c.At, N: c.N}, step.Edge{At: c.Until, N: -c.N})
		}
	}
	for _, list := range m.facts {
		for i := range list {
			add(&list[i])
		}
	}
	for i := range m.all {
		add(&m.all[i].Contribution)
	}
	end := m.now + 3*3600_000
	values := map[measure.Value]bool{}
	for id := range edges {
		values[id.value] = true
	}
	for v := range values {
		switch v.Dim {
		case measure.Agent, measure.AgentDepartment:
			want := step.Both(step.Above(edges[stepFunction{measure.InChat, v}]), step.Above(edges[stepFunction{measure.LoggedInStep, v}]))
			var got []step.Span
			step.Sweep(edges[stepFunction{measure.LinearChatTime, v}], func(from, to, n int64) {
				if n != 0 && n != 1 {
					m.t.Errorf("%v: %d at %d", v, n, from)
				}
			})
			got = step.Above(edges[stepFunction{measure.LinearChatTime, v}])
			if !slices.Equal(got, want) {
				m.t.Errorf("%v: %v, want %v", v, got, want)
			}
		case measure.Queue:
			level, peak := edges[stepFunction{measure.QueueLevel, v}], edges[stepFunction{measure.QueuePeak, v}]
			near := map[cell.Quarter]bool{} // nothing changes in between
			for _, e := range slices.Concat(level, peak) {
				for q := cell.QuarterOf(e.At) - 1; q <= cell.QuarterOf(e.At)+1 && q.Start() < end; q++ {
					near[q] = true
				}
			}
			for q := range near {
				want := valueAt(level, q.Start())
				for _, e := range level {
					if q.Start() <= e.At && e.At < (q+1).Start() {
						want = max(want, valueAt(level, e.At))
					}
				}
				if got := valueAt(peak, q.Start()); got != want {
					m.t.Errorf("%v %v: %d, want %d", v, q, got, want)
				}
			}
		}
	}
}

func valueAt(edges []step.Edge, at int64) (n int64) {
	for _, e := range edges {
		if e.At <= at {
			n += e.N
		}
	}
	return n
}
