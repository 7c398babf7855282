package main

import (
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// layOut makes a month of one day: it lays the day's blocks over all days before
// it in its month. A block counts its quarters from its own first, so that a copy
// under another day's key is that day's block.
func layOut(m *memory, day time.Time) {
	var copies []table.Op
	for _, items := range m.parts {
		for _, item := range items {
			if _, on, ok := cell.BlockOf(item.Key); !ok || on != cell.DayOf(day.UnixMilli()) {
				continue
			}
			for d := 1; d < day.Day(); d++ {
				laid := clone(item)
				laid.Key = cell.DaysLater(item.Key, d-day.Day())
				copies = append(copies, table.Op{Item: laid})
			}
		}
	}
	for i := range copies {
		m.apply(&copies[i])
	}
}
