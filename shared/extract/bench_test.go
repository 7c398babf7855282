package extract_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
)

// BenchmarkRows tells a row of every event of some days of the reference workload.
func BenchmarkRows(b *testing.B) {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, 3)
	s := newSystem(b, end)
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 1, Start: start, End: end, Scale: 1}).Events() {
		events = append(events, e)
	}
	s.fold(s.append(events), s.state, rand.New(rand.NewPCG(1, 1)))
	rows := 0
	for b.Loop() {
		source := s.open(math.MinInt64, math.MaxInt64)
		for _, err := range source.Run(&steps, nil).Rows {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/float64(b.N), "rows")
}
