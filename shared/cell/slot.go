package cell

import (
	"chatreports/shared/measure"
)

// Slot is where a contribution stands in detail: a quarter hour that it touches, or
// a UTC day that it covers as a whole, by its first quarter. So what lasts for years
// stands in a day once, and not in each of its quarters.
type Slot struct {
	Quarter Quarter
	Day     bool
}

// End is the first quarter after it.
func (s Slot) End() Quarter {
	if s.Day {
		return s.Quarter + QuartersOfDay
	}
	return s.Quarter + 1
}

// Slot is where what covers the day as a whole stands.
func (d Day) Slot() Slot { return Slot{QuarterOf(int64(d)), true} }

// HasDetail says whether a contribution stands in detail: largest values are only of
// whole quarters, and documents tell of single chats where they are.
func HasDetail(c *measure.Contribution) bool {
	m := measure.Get(c.Measure)
	return m == nil || m.Shape != measure.Peak && m.ID != measure.Documents
}

// EachSlot yields the slots in some quarters, whole days, that an ended contribution
// stands in.
func EachSlot(c *measure.Contribution, in Quarters, f func(Slot)) {
	q := QuarterOf(c.At)
	switch {
	case !HasDetail(c):
		return
	case !c.Lasts():
		if in.From <= q && q < in.To {
			f(Slot{Quarter: q})
		}
		return
	}
	until := min(c.Until, in.To.Start())
	for q = max(q, in.From); q.Start() < until; {
		s := Slot{Quarter: q}
		if q%QuartersOfDay == 0 && c.At <= q.Start() && (q+QuartersOfDay).Start() <= c.Until {
			s.Day = true
		}
		f(s)
		q = s.End()
	}
}
