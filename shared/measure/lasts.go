package measure

// Lasts says whether a contribution covers time, from At to Until, and does not just
// count at a moment.
func (c *Contribution) Lasts() bool {
	m := Get(c.Measure)
	return m != nil && m.Shape.Lasts()
}

// Lasts says whether contributions of the shape cover time.
func (s Shape) Lasts() bool { return s == Level || s == Step || s == Peak }
