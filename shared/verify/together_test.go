package verify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/step"
)

// TestUnionsAndMaximaOfAnything: after events without sense, times and maxima in any
// buckets are those of the facts' functions. With events ahead of the clock that is so
// of maxima; times end at what is known, and not at now, until it has come.
func TestUnionsAndMaximaOfAnything(t *testing.T) {
	for n := range 8 {
		r, ahead := source(t), time.Duration(n%2)*5*time.Minute
		now := oracle.AfterAny.Add(-time.Duration(r.IntN(4*86400)) * time.Second)
		if r.IntN(4) == 0 {
			now = now.Truncate(15 * time.Minute)
		}
		s := newSystem(t, now)
		all := oracle.AnyEvents(r.Uint64(), 100+r.IntN(400))
		past := all[:0]
		for _, e := range all {
			if e.At <= now.Add(ahead).UnixMilli() {
				past = append(past, e)
			}
		}
		if len(past) == 0 {
			continue
		}
		items := delivered(s.append(past), r)
		f := s.folder()
		for len(items) > 0 {
			n := min(len(items), 1+r.IntN(100))
			if err := apply(f, items[:n], 50); err != nil {
				t.Fatal(err)
			}
			items = items[n:]
			if r.IntN(3) == 0 {
				s.merge()
			}
		}
		functions := s.functions()
		for range 30 {
			s.compareTogether(r, functions, ahead == 0)
		}
	}
}

type functionOf struct {
	id    measure.ID
	value measure.Value
}

// functions are the functions that the stored facts make, what has not ended without an end.
func (s *system) functions() map[functionOf][]step.Edge {
	s.t.Helper()
	out := map[functionOf][]step.Edge{}
	for item, err := range s.state.Scan(context.Background(), acme+"/fact/") {
		if err != nil {
			s.t.Fatal(err)
		}
		f, err := fact.Decode(item.Value)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range measure.Of(f) {
			for _, v := range c.Dims {
				if c.Measure == measure.InChat || c.Measure == measure.LoggedInStep || c.Measure == measure.QueueLevel {
					k := functionOf{c.Measure, v}
					out[k] = append(out[k], step.Edge{At: c.At, N: c.N}, step.Edge{At: c.Until, N: -c.N})
				}
			}
		}
	}
	return out
}

// compareTogether asks for random buckets.
func (s *system) compareTogether(r *rand.Rand, functions map[functionOf][]step.Edge, times bool) {
	s.t.Helper()
	units := []int{1, 1000, 60_000, 900_000, 3600_000, 86_400_000}
	at := s.now.UnixMilli() - r.Int64N(3*86_400_000)
	if r.IntN(2) == 0 {
		at = s.now.UnixMilli() + 3600_000 - r.Int64N(3*3600_000)
	}
	if r.IntN(2) == 0 {
		at -= at % 900_000
	}
	q := &report.Query{Want: []report.Want{{Measure: measure.LinearChatTime}, {Measure: measure.MaxQueueSize}}}
	for range 1 + r.IntN(12) {
		to := at + int64(units[r.IntN(len(units))])*int64(1+r.IntN(4))
		q.Buckets = append(q.Buckets, report.Bucket{From: at, To: to})
		at = to
	}
	q.By = []measure.Dim{measure.None, measure.Agent, measure.Department}[r.IntN(3)]
	if q.By == measure.Agent {
		q.Want = q.Want[:1]
	}
	result := s.result(s.state, q)
	now := s.now.UnixMilli()
	linear, most := map[string][]int64{}, map[string][]int64{}
	numbers := func(m map[string][]int64, row string) []int64 {
		if m[row] == nil {
			m[row] = make([]int64, len(q.Buckets))
		}
		return m[row]
	}
	// What has not ended counts up to now; where both have not, nothing after it does.
	for k, edges := range functions {
		row, dim := "", measure.Agent
		if q.By == measure.Agent {
			row = k.value.ID
		} else if q.By == measure.Department {
			_, row = measure.Unpair(k.value.ID)
			dim = measure.AgentDepartment
		}
		switch {
		case k.id == measure.InChat && k.value.Dim == dim:
			for _, both := range step.Both(step.Above(slices.Clone(edges)), step.Above(slices.Clone(functions[functionOf{measure.LoggedInStep, k.value}]))) {
				if both.To == measure.Forever {
					both.To = now
				}
				for i, b := range q.Buckets {
					numbers(linear, row)[i] += max(0, min(b.To, both.To)-max(b.From, both.From))
				}
			}
		case k.id == measure.QueueLevel:
			kind, id := measure.Unpair(k.value.ID)
			switch {
			case q.By == measure.None:
				id = ""
			case kind != "department":
				continue
			}
			for i, b := range q.Buckets {
				var in []step.Edge
				for n := 0; n < len(edges); n += 2 {
					from, to := max(b.From, edges[n].At), edges[n+1].At
					if to == measure.Forever {
						to = now
					}
					if to = min(to, b.To); from < to {
						in = append(in, step.Edge{At: from, N: edges[n].N}, step.Edge{At: to, N: -edges[n].N})
					}
				}
				m := numbers(most, id)
				m[i] = max(m[i], step.Max(in))
			}
		}
	}
	rows := map[string]bool{}
	for row := range result.Totals {
		rows[row] = true
	}
	for row := range linear {
		rows[row] = true
	}
	for row := range most {
		rows[row] = true
	}
	for row := range rows {
		for i, b := range q.Buckets {
			name := fmt.Sprintf("%s of %q at %s for %d ms, now %s", q.By, row, time.UnixMilli(b.From).UTC(), b.To-b.From, s.now)
			if got, want := result.At(row, i, 0).Millis, numbers(linear, row)[i]; times && got != want {
				s.t.Fatalf("linear time by %s: %d, want %d", name, got, want)
			}
			if len(q.Want) < 2 {
				continue
			}
			if got, want := result.At(row, i, 1).N, numbers(most, row)[i]; got != want {
				s.t.Fatalf("largest queue by %s: %d, want %d", name, got, want)
			}
		}
	}
}
