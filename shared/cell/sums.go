package cell

import (
	"slices"

	"chatreports/shared/measure"
)

// BlockID names a block: a class, a value of a series, and the number of the time it is of.
type BlockID struct {
	Class  Class
	Series measure.Series
	Value  string
	Number int64
}

// Sums are what contributions add to blocks.
type Sums map[BlockID]map[ID]int64

func (s Sums) add(id BlockID, k ID, n int64) {
	b := s[id]
	if b == nil {
		b = map[ID]int64{}
		s[id] = b
	}
	b[k] += n
}

// Add adds what of a contribution lies in some quarters, in each of its series. What has
// not ended adds nothing: see open.
func (s Sums) Add(c *measure.Contribution, in Quarters) {
	m := measure.Get(c.Measure)
	if m == nil {
		return
	}
	for _, series := range m.Series {
		c.EachSeries(series, func(value string) { s.AddTo(series, value, c, in) })
	}
}

// AddTo is Add for one value of a series.
func (s Sums) AddTo(series measure.Series, value string, c *measure.Contribution, in Quarters) {
	spread(c, series, in, func(class Class, block int64, key ID, n int64) {
		s.add(BlockID{class, series, value, block}, key, n)
	})
}

// AddUnits adds what a contribution that lasts is throughout units.
func (s Sums) AddUnits(c *measure.Contribution) {
	parts := CoverOf(c.At, c.Until)
	for _, series := range measure.Get(c.Measure).Series {
		c.EachSeries(series, func(value string) {
			parts.EachUnit(func(u Unit) {
				s.add(u.In(series, value), u.ID(c.Measure), c.N)
			})
		})
	}
}

// Adder adds to one block after another; what it holds is only there to be used again.
// The zero adder is ready.
type Adder struct{ added, out []Cell }

// Add returns a block with changes added; numbers that become 0 are left out.
func (a *Adder) Add(v []byte, changes map[ID]int64) ([]byte, error) {
	added, out := a.added[:0], a.out[:0]
	for k, n := range changes {
		added = append(added, Cell{k, n})
	}
	slices.SortFunc(added, Cell.compare)
	a.added = added
	keep := func(c Cell) {
		if c.N != 0 {
			out = append(out, c)
		}
	}
	err := eachStored(v, func(c Cell) { // both are sorted
		for len(added) > 0 && added[0].compare(c) < 0 {
			keep(added[0])
			added = added[1:]
		}
		if len(added) > 0 && added[0].ID == c.ID {
			c.N += added[0].N
			added = added[1:]
		}
		keep(c)
	})
	for _, c := range added {
		keep(c)
	}
	a.out = out
	return EncodeBlock(out), err
}

// spread breaks what of a difference lies in some quarters into numbers of blocks, quarter
// by quarter: one call of f for each class, block and number. What has not ended adds
// nothing: see open.
func spread(c *measure.Contribution, s measure.Series, in Quarters, f func(class Class, block int64, key ID, n int64)) {
	m := measure.Get(c.Measure)
	if m == nil || c.Until == measure.Forever {
		return
	}
	put := func(class Class, q Quarter, part Part, sub int64, key string, n int64) {
		class = class.Of(c.Measure, s)
		b := class.Number(q)
		f(class, b, ID{column(c.Measure, part), int16(q - class.First(b)), sub, key}, n)
	}
	q := QuarterOf(c.At)
	switch m.Shape {
	case measure.Peak, measure.Level, measure.Step:
		until := min(c.Until, in.To.Start())
		for q = max(q, in.From); q.Start() < until; q++ {
			lasting(m.Shape, c, q, put)
		}
		return
	}
	if q < in.From || q >= in.To {
		return
	}
	switch m.Shape {
	case measure.Sum:
		put(Numbers, q, Count, 0, "", c.N)
	case measure.Samples:
		put(Numbers, q, Count, 0, "", c.N)
		if c.Value != 0 {
			put(Numbers, q, Millis, 0, "", c.N*c.Value)
		}
		put(Histograms, q, subPart, c.Value/1000, "", c.N)
	case measure.Keyed:
		put(Keys, q, keyPart, 0, c.Key, c.N)
	}
}

// lasting is what one quarter holds of a contribution that lasts.
func lasting(shape measure.Shape, c *measure.Contribution, q Quarter, put func(class Class, q Quarter, part Part, sub int64, key string, n int64)) {
	switch shape {
	case measure.Peak:
		put(Numbers, q, Count, 0, "", c.N)
	case measure.Level:
		put(Numbers, q, Millis, 0, "", c.N*(min(c.Until, (q+1).Start())-max(c.At, q.Start())))
	case measure.Step:
		if q.Start() > c.At {
			put(Steps, q, subPart, AtStart, "", c.N)
		} else {
			put(Steps, q, subPart, c.At-q.Start(), "", c.N)
		}
		if c.Until < (q + 1).Start() {
			put(Steps, q, subPart, c.Until-q.Start(), "", -c.N)
		}
	}
}
