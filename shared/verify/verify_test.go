package verify_test

import (
	"testing"
	"time"
)

func TestAfterAnyDeliveryNothingIsDifferent(t *testing.T) {
	r := source(t)
	events := simulated(r.Uint64(), start, 60*time.Hour, 0.05)
	s := newSystem(t, start.Add(60*time.Hour))
	items := s.append(events)
	began := time.Now()
	if err := apply(s.folder(), delivered(items, r), 200); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d events folded in %v", len(items), time.Since(began))
	began = time.Now()
	report := s.verify()
	t.Logf("%s in %v", printed(report), time.Since(began))
	began = time.Now()
	t.Logf("%d bytes of answers in %v", len(s.answers()), time.Since(began))
}
