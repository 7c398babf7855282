package cell

import (
	"fmt"
	"math"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Class is a kind of block: what shape of numbers it holds, and of which measures.
type Class uint8

const (
	Numbers    Class = iota // counts, totals, milliseconds
	Histograms              // samples by whole second
	Steps                   // functions of time
	Keys                    // counts under string keys

	// What is asked for together lies together, where there is much of it: a report
	// reads whole blocks. See apart.
	volume
	queues
	attended
	waiting
	waits
	visitors
	pages
	lines
	// Units, of each of three scales, hold what levels, functions and largest values
	// are throughout a unit: see Unit. A reader that wants Units wants all three.
	Units
	units2
	units3

	documents
	stories
	interactions
)

type class struct {
	name   string
	span   int64 // quarters in one block
	shape  Class // one of the first four, or Units
	byTime bool  // lie by time, then by value, and not the other way round
}

// The classes. Their names are stored in keys; their numbers are not.
var classes = [...]class{
	Numbers:    {name: "n", span: 96, shape: Numbers},
	Histograms: {name: "h", span: 96, shape: Histograms},
	Steps:      {name: "s", span: 24, shape: Steps},
	Keys:       {name: "k", span: 4, shape: Keys}, // keys do not add up: a day of visitors would not fit into one record
	volume:     {name: "nv", span: 96, shape: Numbers},
	queues:     {name: "nq", span: 96, shape: Numbers},
	attended:   {name: "na", span: 96, shape: Numbers},
	waiting:    {name: "hq", span: 96, shape: Histograms},
	waits:      {name: "hw", span: 96, shape: Histograms},
	visitors:   {name: "kv", span: 4, shape: Keys},
	pages:      {name: "kp", span: 4, shape: Keys},
	// Functions of queues are only looked at for a few quarters, of all queues.
	lines:     {name: "sq", span: 4, shape: Steps, byTime: true},
	documents: {name: "kd", span: 4, shape: Keys},
	// There are few stories and interactions: a day of them fits into one record.
	stories:      {name: "kb", span: 96, shape: Keys},
	interactions: {name: "ki", span: 96, shape: Keys},
	Units:        {name: "u1", span: perUnit * lot, shape: Units},
	units2:       {name: "u2", span: perUnit * perUnit * lot, shape: Units},
	units3:       {name: "u3", span: perUnit * perUnit * perUnit * lot, shape: Units},
}

// apart are the classes that groups of measures have to themselves: numbers and
// histograms only of the site and of departments.
var apart = map[measure.Group][]Class{
	measure.Volume:       {volume},
	measure.Queueing:     {queues, waiting},
	measure.Attended:     {attended},
	measure.Waits:        {attended, waits},
	measure.Visitors:     {visitors},
	measure.Pages:        {pages},
	measure.Lines:        {lines},
	measure.Files:        {documents},
	measure.Stories:      {stories},
	measure.Interactions: {interactions},
}

// Shape is the class without regard to measures: one of the first four, or Units.
func (c Class) Shape() Class { return classes[c].shape }

// Of is where a measure's numbers of a shape are kept for a series.
func (c Class) Of(id measure.ID, s measure.Series) Class {
	m := measure.Get(id)
	if m == nil {
		return c
	}
	one := s == (measure.Series{measure.Site}) || s == (measure.Series{measure.Department})
	for _, a := range apart[m.Group] {
		if a.Shape() == c && (one || c == Steps || c == Keys) {
			return a
		}
	}
	return c
}

// Number is the block of a class that a quarter lies in.
func (c Class) Number(q Quarter) int64 { return floorDiv(int64(q), classes[c].span) }

// First is the first quarter of a block.
func (c Class) First(block int64) Quarter { return Quarter(block * classes[c].span) }

// First is its first quarter.
func (b *BlockID) First() Quarter { return b.Class.First(b.Number) }

// Key is where the block lies.
func (b *BlockID) Key(tenant string) table.Key {
	slot := b.Class.Slot(b.Number)
	sort := b.Value + "/" + slot
	if b.Class.ByTime() {
		sort = slot + "/" + b.Value
	}
	return table.Key{Part: BlockPart(tenant, b.Class, b.Series, b.Number), Sort: sort}
}

// ByTime says whether blocks of the class lie by time, then by value, and not the other
// way round.
func (c Class) ByTime() bool { return classes[c].byTime }

// slotLength is how long the slot of a block is.
const slotLength = len("01a")

// Split takes apart the sort key of a block of the class; both are empty if it is none.
func (c Class) Split(sort string) (value, slot string) {
	switch n := len(sort) - slotLength - 1; {
	case n < 0:
		return "", ""
	case c.ByTime():
		return sort[slotLength+1:], sort[:slotLength]
	default:
		return sort[:n], sort[n+1:]
	}
}

// BlockPart is where a block lies, beside the others of the series in the same month, or
// those of all units.
func BlockPart(tenant string, c Class, s measure.Series, block int64) string {
	month := always
	if c.Shape() != Units {
		month = time.UnixMilli(c.First(block).Start()).UTC().Format("2006-01")
	}
	return table.Join(tenant, "block", classes[c].name, s.String(), month)
}

// partOfDay are the digits that number the blocks of one day.
const partOfDay = "0123456789abcdefghijklmn"

// always stands where other blocks have their month.
const always = "-"

// Slot is how the sort keys of a block say which it is in its part: the day and the part
// of the day, of units its number.
func (c Class) Slot(block int64) string {
	if c.Shape() == Units {
		return unitSlot(block)
	}
	t := time.UnixMilli(c.First(block).Start()).UTC()
	n := int64(t.Hour()) * 4 / classes[c].span
	return fmt.Sprintf("%02d%c", t.Day(), partOfDay[n])
}

// LastBeside is the last block that lies in the same part.
func (c Class) LastBeside(block int64) int64 {
	if c.Shape() == Units {
		return math.MaxInt64
	}
	return c.Number(monthStart(monthOf(c.First(block))+1) - 1)
}

// LogKey is where an item of the log lies.
func LogKey(tenant string, seq uint64) table.Key {
	return table.Key{Part: table.Join(tenant, "log"), Sort: fmt.Sprintf("%016x", seq)}
}

// MergeKey is where a tenant's Merged lies.
func MergeKey(tenant string) table.Key {
	return table.Key{Part: table.Join(tenant, "merge"), Sort: "-"}
}

// wholeDay stands where others have the number of the quarter.
const wholeDay = "dd"

// Key is where the contributions of a slot lie that a merge up to a number of the log took
// there.
func (s Slot) Key(tenant string, upTo uint64) table.Key {
	day, slot := DetailPlace(s.Quarter)
	if s.Day {
		slot = wholeDay
	}
	return table.Key{Part: table.Join(tenant, "detail", day), Sort: fmt.Sprintf("%s/%016x", slot, upTo)}
}

// DetailPlace is the day of a quarter, and its number in it as the keys of detail have it.
func DetailPlace(q Quarter) (day, slot string) {
	return time.UnixMilli(q.Start()).UTC().Format("2006-01-02"), fmt.Sprintf("%02d", int64(q)-floorDiv(int64(q), 96)*96)
}
