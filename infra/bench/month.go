package main

import (
	"fmt"
	"strings"
	"time"

	"chatreports/shared/table"
)

// layOut makes a month of one day: it lays the day's blocks over all days before
// it in its month. A block counts its quarters from its own first, so that a copy
// under another day's key is that day's block.
func layOut(m *memory, day time.Time) {
	from := fmt.Sprintf("%02d", day.Day())
	for part, items := range m.parts {
		if !strings.Contains(part, "/block/") {
			continue
		}
		var copies []table.Op
		for _, item := range items {
			at := strings.LastIndexByte(item.Sort, '/') + 1
			if item.Sort[at:at+2] != from {
				continue
			}
			for d := 1; d < day.Day(); d++ {
				laid := clone(item)
				laid.Sort = fmt.Sprintf("%s%02d%s", item.Sort[:at], d, item.Sort[at+2:])
				copies = append(copies, table.Op{Item: laid})
			}
		}
		for i := range copies {
			m.apply(&copies[i])
		}
	}
}
