package cell

import (
	"fmt"
	"strconv"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Unit is a stretch of time in which what lasts throughout it is kept as one number,
// and not quarter by quarter: 32 days, 1,024 days or 32,768 days, counted from 1970. So
// what lasts for centuries costs as much as what lasts for two months.
type Unit struct {
	scale int8 // 1, 2 or 3
	n     int64
}

const (
	// Scales is how many there are: 1, 2 and 3.
	Scales = 3
	// perUnit is how many units of one scale make one of the next.
	perUnit = 32
)

// lot is the quarters of the smallest unit.
const lot = perUnit * QuartersOfDay

// unitQuarters are the quarters of a unit, by scale.
var unitQuarters = [Scales + 1]int64{1, lot, lot * perUnit, lot * perUnit * perUnit}

// UnitOf is the unit of a scale that a quarter lies in.
func UnitOf(scale int, q Quarter) Unit {
	return Unit{int8(scale), floorDiv(int64(q), unitQuarters[scale])}
}

// Next is the unit after it.
func (u Unit) Next() Unit { return Unit{u.scale, u.n + 1} }

// First is its first quarter.
func (u Unit) First() Quarter { return Quarter(u.n * unitQuarters[u.scale]) }

// End is the first quarter after it.
func (u Unit) End() Quarter { return Quarter((u.n + 1) * unitQuarters[u.scale]) }

// From is its first millisecond.
func (u Unit) From() int64 { return u.First().Start() }

// To is the first millisecond after it.
func (u Unit) To() int64 { return u.End().Start() }

// Class is that of the blocks of what lasts throughout the unit.
func (u Unit) Class() Class { return Units + Class(u.scale) - 1 }

// Block is the number of the block that it belongs to.
func (u Unit) Block() int64 { return floorDiv(u.n, perUnit) }

// In is the block that holds the unit for a value of a series.
func (u Unit) In(s measure.Series, value string) BlockID {
	return BlockID{u.Class(), s, value, u.Block()}
}

// ID is which number of its block says how much of a measure there is throughout the unit.
func (u Unit) ID(of measure.ID) ID {
	return ID{Column: column(of, Count), Quarter: int16(u.n - u.Block()*perUnit)}
}

// Wider is the unit of the next scale that it is a part of, or none if there is no such
// scale.
func (u Unit) Wider() (w Unit, ok bool) {
	return Unit{u.scale + 1, floorDiv(u.n, perUnit)}, u.scale < Scales
}

// Unit is what a number of a block of units is of.
func (b *BlockID) Unit(k ID) Unit { return b.Class.unitIn(b.Number, k.Quarter) }

// unitIn is the unit of a cell in a block.
func (c Class) unitIn(block int64, cell int16) Unit {
	return Unit{int8(c-Units) + 1, block*perUnit + int64(cell)}
}

// Cover is how a stretch of time is kept: the quarters at its two ends, the units
// between them. What covers no unit has all its quarters at the first end.
type Cover struct {
	Ends  [2]Quarters
	units []units
}

// units is a range of units of one scale, half-open.
type units struct {
	scale    int8
	from, to int64
}

// Between is what units hold of it: the time between its ends. Most cover none.
func (c *Cover) Between() (in Quarters, some bool) {
	return Quarters{c.Ends[0].To, c.Ends[1].From}, c.units != nil
}

// CoverOf is how [at, until) is kept.
func CoverOf(at, until int64) (c Cover) {
	c.Ends[0] = Quarters{QuarterOf(at), QuarterOf(until-1) + 1}
	const length = lot * QuarterMillis
	from, to := -floorDiv(-at, length), floorDiv(until, length)
	if from >= to {
		return c
	}
	c.Ends[1] = Quarters{Quarter(to * lot), c.Ends[0].To}
	c.Ends[0].To = Quarter(from * lot)
	for scale := int8(1); ; scale++ {
		up, down := -floorDiv(-from, perUnit), floorDiv(to, perUnit)
		if scale == Scales || up >= down {
			c.units = append(c.units, units{scale, from, to})
			return c
		}
		if from < up*perUnit {
			c.units = append(c.units, units{scale, from, up * perUnit})
		}
		if down*perUnit < to {
			c.units = append(c.units, units{scale, down * perUnit, to})
		}
		from, to = up, down
	}
}

// EachUnit yields them.
func (c *Cover) EachUnit(f func(Unit)) {
	for _, r := range c.units {
		for n := r.from; n < r.to; n++ {
			f(Unit{r.scale, n})
		}
	}
}

// Pieces yields how an ended contribution is kept, as far as that touches [from, to):
// the quarters in which it is kept by itself, and units.
func Pieces(c *measure.Contribution, from, to int64, quarter func(Quarter), unit func(Unit)) {
	if !c.Lasts() {
		if from <= c.At && c.At < to {
			quarter(QuarterOf(c.At))
		}
		return
	}
	parts := CoverOf(c.At, c.Until)
	for _, end := range parts.Ends {
		for q := max(end.From, QuarterOf(from)); q < end.To && q.Start() < to; q++ {
			quarter(q)
		}
	}
	for _, r := range parts.units {
		length := unitQuarters[r.scale] * QuarterMillis
		for n := max(r.from, floorDiv(from, length)); n < r.to && n*length < to; n++ {
			unit(Unit{r.scale, n})
		}
	}
}

// Slots of units. A block's number is written with three digits, a unit's with five:
// from the year 1 to 9999 both fit.
const (
	firstUnitBlock = -1000
	firstUnit      = -0x8000
)

func unitSlot(block int64) string { return fmt.Sprintf("%03x", block-firstUnitBlock) }

func unitBlock(slot string) (block int64, ok bool) {
	n, err := strconv.ParseUint(slot, 16, 16)
	return int64(n) + firstUnitBlock, err == nil && unitSlot(int64(n)+firstUnitBlock) == slot
}

// unitDetails stands where other detail has its day.
const unitDetails = "units"

// DetailKey is where the contributions that last throughout the unit lie that a merge up
// to a number of the log took there.
func (u Unit) DetailKey(tenant string, upTo uint64) table.Key {
	return table.Key{Part: table.Join(tenant, "detail", unitDetails), Sort: fmt.Sprintf("%d%05x/%016x", u.scale, u.n-firstUnit, upTo)}
}

// UnitOfDetail reads the unit back from the sort key.
func UnitOfDetail(sort string) (u Unit, ok bool) {
	if len(sort) < 7 || sort[0] < '1' || sort[0] > '0'+Scales || sort[6] != '/' {
		return u, false
	}
	n, err := strconv.ParseUint(sort[1:6], 16, 32)
	return Unit{int8(sort[0] - '0'), int64(n) + firstUnit}, err == nil
}
