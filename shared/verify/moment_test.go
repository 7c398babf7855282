package verify_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// TestAReportIsOfOneMoment: though events come and are merged between any two of
// its reads, it says what it would have said before, or after.
func TestAReportIsOfOneMoment(t *testing.T) {
	r := source(t)
	s, rest, _ := half(t, r, 14*time.Hour, 0.02)
	later := s.copy()
	if err := apply(later.folder(), rest, len(rest)); err != nil {
		t.Fatal(err)
	}
	between := 0
	for n := 0; n < 40; {
		q := s.query(r)
		before, after := s.total(s.state, q), s.total(later.state, q)
		if before == after && r.IntN(50) > 0 {
			continue // nothing could go wrong
		}
		n++
		s := s.copy()
		odd := &interrupted{Table: s.state, k: 2 + n%8, what: func() {
			if err := apply(s.folder(), rest, len(rest)); err != nil { // in one commit
				t.Error(err)
			}
			s.merge()
		}}
		got := s.total(odd, q)
		if got != before && got != after {
			t.Fatalf("%+v with new events before read %d:\nbefore:\n%s\ngot:\n%s\nafter:\n%s", q, odd.k, before, got, after)
		}
		if odd.calls >= odd.k {
			between++
		}
	}
	t.Logf("%d reports with events between two reads", between)
}

// query is a random question to the planner.
func (s *system) query(r *rand.Rand) *report.Query {
	from := s.now.Add(-time.Duration(r.IntN(36*3600)) * time.Second)
	q := &report.Query{}
	for n := 1 + r.IntN(4); n > 0; n-- {
		to := from.Add(time.Duration(1+r.IntN(20*3600)) * time.Second)
		q.Buckets = append(q.Buckets, report.Bucket{From: from.UnixMilli(), To: to.UnixMilli()})
		from = to
	}
	q.By = []measure.Dim{measure.None, measure.Department, measure.Agent, measure.Campaign}[r.IntN(4)]
	for range 1 + r.IntN(5) {
		m := measure.Catalogue[r.IntN(len(measure.Catalogue))]
		if m.Shape != measure.Computed {
			q.Want = append(q.Want, report.Want{Measure: m.ID, Distribution: m.Shape == measure.Samples && r.IntN(2) == 0})
		}
	}
	return q
}

// result asks the planner, who knows the entities of some kinds.
func (s *system) result(state table.Table, q *report.Query, kinds ...string) *report.Result {
	s.t.Helper()
	snapshot, err := report.Open(s.t.Context(), state, acme, s.now, kinds...)
	if err != nil {
		s.t.Fatal(err)
	}
	result, err := snapshot.Run(q)
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

// total is all that a report says.
func (s *system) total(state table.Table, q *report.Query, kinds ...string) string {
	s.t.Helper()
	result := s.result(state, q, kinds...)
	var b strings.Builder
	for _, entity := range slices.Sorted(maps.Keys(result.Totals)) {
		for i := range len(q.Buckets) * len(q.Want) {
			t := result.At(entity, i/len(q.Want), i%len(q.Want))
			if measure.Get(q.Want[i%len(q.Want)].Measure).Shape == measure.Step && t.Millis != 0 {
				t.Millis = 0 // of a step there is only its function
			}
			zero := func(_ int64, n int64) bool { return n == 0 }
			maps.DeleteFunc(t.Seconds, zero)
			maps.DeleteFunc(t.Keys, func(_ string, n int64) bool { return n == 0 })
			if t.N != 0 || t.Millis != 0 || len(t.Seconds) > 0 || len(t.Keys) > 0 || t.Max() != 0 {
				fmt.Fprintln(&b, entity, i, t.N, t.Millis, t.Seconds, t.Keys, t.Max(), t.Present())
			}
		}
	}
	return b.String()
}
