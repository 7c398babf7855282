package cell

import (
	"testing"

	"chatreports/shared/measure"
)

// busyDay is a site's numbers of a day: 40 measures in every quarter.
func busyDay() []Cell {
	var cells []Cell
	for m := range 40 {
		for q := range 96 {
			cells = append(cells, Cell{ID{Column: column(measure.ID(m+1), Count), Quarter: int16(q)}, int64(1 + (m*q)%50)})
		}
	}
	return cells
}

func BenchmarkEncodeBlock(b *testing.B) {
	cells, size := busyDay(), 0
	b.ReportAllocs()
	for b.Loop() {
		size = len(EncodeBlock(cells))
	}
	b.ReportMetric(float64(size), "bytes")
}

// BenchmarkReadBlock reads four columns, as a report does.
func BenchmarkReadBlock(b *testing.B) {
	block := Block{raw: EncodeBlock(busyDay())}
	sum := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		err := block.Each(func(id measure.ID) bool { return id <= 4 }, func(_ Column, _ Quarter, _ int64, _ string, n int64) { sum += n })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAddToBlock adds what a merge of a quarter hour changes.
func BenchmarkAddToBlock(b *testing.B) {
	block := EncodeBlock(busyDay())
	changes := map[ID]int64{}
	for m := range 40 {
		changes[ID{Column: column(measure.ID(m+1), Count), Quarter: 40}] = 1
	}
	var a Adder
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Add(block, changes); err != nil {
			b.Fatal(err)
		}
	}
}
