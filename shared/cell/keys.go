// Package cell keeps the counters: a log of differences (the head), blocks into
// which it is merged, and what a reader needs to add them up exactly at any
// moment. In: differences of facts' contributions. Out: numbers per series and
// quarter hour, or the contributions themselves where a quarter is cut. It knows
// nothing of events or reports, and has no clock.
//
// shared/DESIGN.md explains the layout; nothing outside this package depends on it.
package cell

import (
	"fmt"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// QuarterMillis is the length of a quarter hour.
const QuarterMillis = 15 * 60 * 1000

// Quarter numbers the quarter hours since 1970-01-01T00:00Z.
type Quarter int64

// QuarterOf is the quarter hour that a moment lies in.
func QuarterOf(ms int64) Quarter { return Quarter(floorDiv(ms, QuarterMillis)) }

// Start is the quarter's first millisecond.
func (q Quarter) Start() int64 { return int64(q) * QuarterMillis }

func floorDiv(a, b int64) int64 {
	d := a / b
	if a%b < 0 {
		d--
	}
	return d
}

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

// span is the block of a class that a quarter lies in: the number of the block.
func (c Class) block(q Quarter) int64 { return floorDiv(int64(q), classes[c].span) }

func (c Class) first(block int64) Quarter { return Quarter(block * classes[c].span) }

// blockKey is where the block of a series' value lies.
func blockKey(tenant string, c Class, s measure.Series, value string, block int64) table.Key {
	month, slot := c.place(block)
	sort := value + "/" + slot
	if classes[c].byTime {
		sort = slot + "/" + value
	}
	return table.Key{Part: blockPart(tenant, c, s, month), Sort: sort}
}

// slotLength is how long the slot of a block is.
const slotLength = len("01a")

// split takes apart the sort key of a block of the class.
func (c Class) split(sort string) (value, slot string) {
	switch n := len(sort) - slotLength - 1; {
	case n < 0:
		return "", ""
	case classes[c].byTime:
		return sort[slotLength+1:], sort[:slotLength]
	default:
		return sort[:n], sort[n+1:]
	}
}

func blockPart(tenant string, c Class, s measure.Series, month string) string {
	return table.Join(tenant, "block", classes[c].name, s.String(), month)
}

// partOfDay are the digits that number the blocks of one day.
const partOfDay = "0123456789abcdefghijklmn"

// always stands where other blocks have their month.
const always = "-"

// place is the month of a block and its slot in it: the day and the part of the day.
func (c Class) place(block int64) (month, slot string) {
	if c.Shape() == Units {
		return always, unitSlot(block)
	}
	t := time.UnixMilli(c.first(block).Start()).UTC()
	n := int64(t.Hour()) * 4 / classes[c].span
	return t.Format("2006-01"), fmt.Sprintf("%02d%c", t.Day(), partOfDay[n])
}

func logKey(tenant string, seq uint64) table.Key {
	return table.Key{Part: table.Join(tenant, "log"), Sort: fmt.Sprintf("%016x", seq)}
}

func mergeKey(tenant string) table.Key {
	return table.Key{Part: table.Join(tenant, "merge"), Sort: "-"}
}

// wholeDay stands where others have the number of the quarter.
const wholeDay = "dd"

func detailKey(tenant string, s detailSlot, upTo uint64) table.Key {
	day, slot := detailPlace(s.q)
	if s.day {
		slot = wholeDay
	}
	return table.Key{Part: table.Join(tenant, "detail", day), Sort: fmt.Sprintf("%s/%016x", slot, upTo)}
}

func detailPlace(q Quarter) (day, slot string) {
	return time.UnixMilli(q.Start()).UTC().Format("2006-01-02"), fmt.Sprintf("%02d", int64(q)-floorDiv(int64(q), 96)*96)
}

// logsKey lists a tenant among those that have a log.
func logsKey(tenant string) table.Key { return table.Key{Part: "logs", Sort: table.Join(tenant)} }
