package audit

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Days yields the days that show whether a contribution is in the counters: those in
// which it is kept quarter by quarter, and the first of each unit; while it has not
// ended, the one in which it began.
func Days(c *measure.Contribution, f func(cell.Day)) {
	if c.Until == measure.Forever || !c.Lasts() {
		f(cell.DayOf(c.At))
		return
	}
	parts := cell.CoverOf(c.At, c.Until)
	for _, end := range parts.Ends {
		for q := end.From; q < end.To; q = cell.QuarterOf(int64(cell.DayOf(q.Start())) + cell.DayMillis) {
			f(cell.DayOf(q.Start()))
		}
	}
	parts.EachUnit(func(u cell.Unit) { f(cell.DayOf(u.From())) })
}

// Everywhere says whether a contribution has to do with all days: it has not ended, or lasts
// throughout units.
func Everywhere(c *measure.Contribution) bool {
	if c.Until == measure.Forever {
		return true
	}
	if !c.Lasts() {
		return false
	}
	parts := cell.CoverOf(c.At, c.Until)
	_, some := parts.Between()
	return some
}

// StoredDays yields the days that show whether a record of counters, if it is one, is
// right: its day, of units the first day of each.
func StoredDays(item table.Item, f func(cell.Day)) {
	p, ok, err := cell.PlaceOf(item.Key)
	switch {
	case !ok || err != nil || p.Kind == "open" || p.Kind == "run":
	case p.OfUnits() && p.Kind == "detail":
		f(cell.DayOf(p.Unit.From()))
	case p.OfUnits():
		b := cell.NewBlock(p.Block, item)
		_ = b.EachUnit(everything, func(_ measure.ID, u cell.Unit, _ int64) { f(cell.DayOf(u.From())) })
	default:
		f(p.Day)
	}
}

func everything(measure.ID) bool { return true }
