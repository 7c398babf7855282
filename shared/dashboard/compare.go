package dashboard

import "time"

// compares says whether figures of the panel stand beside those of another range.
func (p *panel) compares() bool { return p.shape == tiles || p.shape == entities }

// before is how the other range is called beside a figure.
func (v *view) before() string {
	for _, c := range comparisons {
		if c.Name == v.Compare {
			return c.Before
		}
	}
	return ""
}

// over says whether all of the range is past.
func (v *view) over(now time.Time) bool {
	y, m, d := v.after.Date()
	return !now.Before(v.zone.Midnight(y, m, d))
}

// compared says what may be taken wrongly where figures stand beside those of another range, and
// gives no verdict there: on counts while the range goes on, on any if the other range is empty.
func (s *shown) compared(v *view, now time.Time) {
	beside, empty := false, true
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			beside, empty = beside || c.Previous != "", empty && c.before == 0
		}
	}
	if !beside {
		return
	}
	over := v.over(now)
	for _, r := range s.Rows {
		for i := range r.Cells {
			if c := &r.Cells[i]; c.Change != "same" && (empty || !over && s.Columns[i].Unit == whole) {
				c.Change = "other"
			}
		}
	}
	switch {
	case empty:
		s.note("Of the range compared with, nothing is known.")
	case !over:
		s.note("The range is not over: what is counted in it is compared with a whole one.")
	}
}

// change says whether a figure got better or worse.
func change(before, now float64, w word) string {
	switch {
	case before == now:
		return "same"
	case w.neither:
		return "other"
	case now < before == w.less:
		return "better"
	}
	return "worse"
}
