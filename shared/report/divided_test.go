package report

import (
	"fmt"
	"slices"
	"testing"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
)

// TestPartsAreNotWithoutBound: they join to the whole, and are not as many as a
// directory has entries.
func TestPartsAreNotWithoutBound(t *testing.T) {
	for _, known := range []int{0, 1, 4, 5, 40, 257, 5000} {
		agents := map[string]*fact.Entry{}
		for i := range known {
			agents[fmt.Sprint(i)] = &fact.Entry{}
		}
		s := &Snapshot{entries: map[string]map[string]*fact.Entry{"agent": agents}}
		p, err := s.plan(&Query{Buckets: []Bucket{{From: 0, To: 1}}, By: measure.Agent, Want: wantsOf([]measure.ID{measure.LoggedIn})})
		if err != nil {
			t.Fatal(err)
		}
		if keys := p.divided(counter.Wanted{Class: cell.Keys, Series: measure.Series{measure.Agent}}); len(keys) < len(p.request.Wanted)-1 || len(keys) > mostParts {
			t.Errorf("%d values: keys in %d parts", known, len(keys))
		}
		parts := slices.DeleteFunc(p.request.Wanted, func(w counter.Wanted) bool { return w.Class == cell.Units })
		if len(parts) > mostParts || len(parts) < min(mostParts, known)/together {
			t.Errorf("%d values in %d parts", known, len(parts))
		}
		low := ""
		for i, b := range parts {
			if b.Low != low || i < len(parts)-1 && b.High <= b.Low {
				t.Errorf("part %d from %q to %q, after %q", i, b.Low, b.High, low)
			}
			low = b.High
		}
		if low != "" {
			t.Errorf("the last part ends at %q", low)
		}
	}
}
