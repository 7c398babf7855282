package cell

import (
	"encoding/binary"
	"slices"
	gostrings "strings"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Column is a measure and which of its numbers: they are stored side by side.
type Column uint32

// Part is one of the numbers a measure has.
type Part uint8

const (
	Count  Part = iota // how many
	Millis             // milliseconds in all
)

func column(id measure.ID, p Part) Column { return Column(id)<<2 | Column(p) }

// Measure is what the column counts.
func (c Column) Measure() measure.ID { return measure.ID(c >> 2) }

// Part is which number of the measure it is.
func (c Column) Part() Part { return Part(c & 3) }

// Name is what the number is called, of a block of some shape.
func (p Part) Name(shape Class) string {
	switch {
	case p == Count:
		return "count"
	case p == Millis:
		return "ms"
	case p == keyPart:
		return "key"
	case shape == Steps:
		return "step"
	}
	return "histogram"
}

// AtStart is the sub-key of a step function's value when the quarter began.
const AtStart = -1

// ID is one number of a block. Sub is the whole second (histograms), the
// millisecond of the quarter or AtStart (steps), else 0; Key the string (keys).
type ID struct {
	Column  Column
	Quarter int16 // within the block
	Sub     int64
	Key     string
}

func (a ID) compare(b ID) int {
	switch {
	case a.Column != b.Column:
		return int(int64(a.Column) - int64(b.Column))
	case a.Quarter != b.Quarter:
		return int(a.Quarter) - int(b.Quarter)
	case a.Sub < b.Sub:
		return -1
	case a.Sub > b.Sub:
		return 1
	}
	return gostrings.Compare(a.Key, b.Key)
}

// Cell is a number of a block.
type Cell struct {
	ID
	N int64
}

func (a Cell) compare(b Cell) int { return a.ID.compare(b.ID) }

// EncodeBlock writes cells: the keys used, then per column its length and its rows.
//
// A row is short because it leaves out what is as usual. It begins with one number. Its
// lowest bits are flags: the row is of another quarter than expected, its number is not 1.
// The rest of it is the number itself, where numbers are kept by quarter alone; else the
// step from the sub before, or which key. What the flags announce follows: how many
// quarters on, and the number.
func EncodeBlock(cells []Cell) []byte {
	if !slices.IsSortedFunc(cells, Cell.compare) {
		slices.SortFunc(cells, Cell.compare)
	}
	var keys strings
	body, rows := make([]byte, 0, 4*len(cells)+16), make([]byte, 0, 4*len(cells))
	for i := 0; i < len(cells); {
		col := cells[i].Column
		rows = rows[:0]
		at := startOf(col)
		for ; i < len(cells) && cells[i].Column == col; i++ {
			rows = at.append(rows, &cells[i], &keys)
		}
		body = binary.AppendUvarint(body, uint64(col))
		body = binary.AppendUvarint(body, uint64(len(rows)))
		body = append(body, rows...)
	}
	out := binary.AppendUvarint(make([]byte, 0, len(body)+64), uint64(len(keys.list)))
	for _, k := range keys.list {
		out = binary.AppendUvarint(out, uint64(len(k)))
		out = append(out, k...)
	}
	return pack(append(out, body...))
}

// Columns of histograms and steps use the third part number, keyed ones the fourth.
const (
	subPart Part = 2
	keyPart Part = 3
)

// position is where the row before was. Plain numbers mostly go on in the next
// quarter, all others in the same one.
type position struct {
	plain, keyed bool
	quarter, sub int64
}

func startOf(c Column) position {
	p := position{plain: c.Part() < subPart, keyed: c.Part() == keyPart, sub: AtStart}
	if p.plain {
		p.quarter = -1
	}
	return p
}

// to moves to a quarter, which ends the order of the subs.
func (p *position) to(quarter int64) {
	if quarter != p.quarter {
		p.quarter, p.sub = quarter, AtStart
	}
}

const (
	otherNumber  = 1
	otherQuarter = 2
)

func (p *position) append(b []byte, c *Cell, keys *strings) []byte {
	gap := uint64(int64(c.Quarter) - p.quarter)
	if p.plain {
		head := zigzag(c.N) << 1
		if gap != 1 {
			head |= 1
		}
		if b = binary.AppendUvarint(b, head); gap != 1 {
			b = binary.AppendUvarint(b, gap)
		}
		p.to(int64(c.Quarter))
		return b
	}
	p.to(int64(c.Quarter))
	head := uint64(c.Sub-p.sub) << 2
	if p.keyed {
		head = keys.number(c.Key) << 2
	}
	p.sub = c.Sub
	if c.N != 1 {
		head |= otherNumber
	}
	if gap != 0 {
		head |= otherQuarter
	}
	b = binary.AppendUvarint(b, head)
	if gap != 0 {
		b = binary.AppendUvarint(b, gap)
	}
	if c.N != 1 {
		b = binary.AppendVarint(b, c.N)
	}
	return b
}

func (p *position) read(r *reader, keys []string) (key string, n int64) {
	head := r.uvarint()
	if p.plain {
		gap := uint64(1)
		if head&1 != 0 {
			gap = r.uvarint()
		}
		p.to(p.quarter + int64(gap))
		return "", unzigzag(head >> 1)
	}
	if head&otherQuarter != 0 {
		p.to(p.quarter + int64(r.uvarint()))
	}
	if n = 1; head&otherNumber != 0 {
		n = r.varint()
	}
	switch {
	case !p.keyed:
		p.sub += int64(head >> 2)
	case head>>2 < uint64(len(keys)):
		key = keys[head>>2]
	default:
		r.bad = true
	}
	return key, n
}

// Bounds of what a writer writes: a block is a day at most, no wait as long as this.
const (
	maxQuarters = 96
	maxSub      = 1 << 40
)

func (p *position) sound() bool {
	return p.quarter >= 0 && p.quarter < maxQuarters && p.sub >= AtStart && p.sub < maxSub
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// eachCell calls f for every number of the columns wanted.
func eachCell(v []byte, want func(Column) bool, f func(c Column, quarter int16, sub int64, key string, n int64)) error {
	memory := unpacked.Get().(*[]byte)
	defer unpacked.Put(memory)
	raw, err := unpackInto(memory, v)
	if err != nil {
		return err
	}
	r := &reader{b: raw}
	keys := make([]string, r.count())
	for i := range keys {
		keys[i] = string(r.take(r.count()))
	}
	for len(r.b) > 0 && !r.bad {
		col := Column(r.uvarint())
		rows := &reader{b: r.take(r.count())}
		if !want(col) {
			continue
		}
		at := startOf(col)
		for len(rows.b) > 0 {
			key, n := at.read(rows, keys)
			if rows.bad || !at.sound() {
				return ErrDamaged
			}
			sub := int64(0)
			if col.Part() == subPart {
				sub = at.sub
			}
			f(col, int16(at.quarter), sub, key, n)
		}
	}
	if r.bad {
		return ErrDamaged
	}
	return nil
}

// DecodeBlock reads all cells of a block. An empty value is an empty block.
func DecodeBlock(v []byte) ([]Cell, error) {
	out := make([]Cell, 0, len(v))
	err := eachStored(v, func(c Cell) { out = append(out, c) })
	return out, err
}

func eachStored(v []byte, f func(Cell)) error {
	if len(v) == 0 {
		return nil
	}
	return eachCell(v, func(Column) bool { return true }, func(c Column, quarter int16, sub int64, key string, n int64) {
		f(Cell{ID{c, quarter, sub, key}, n})
	})
}

// Block is one block as stored.
type Block struct {
	BlockID
	Version uint64 // the number of the log that it is merged up to
	raw     []byte
}

// NewBlock is the block that a record holds.
func NewBlock(id BlockID, item table.Item) Block {
	return Block{BlockID: id, Version: item.Version, raw: item.Value}
}

// Each calls f for every number of the columns wanted. quarter is absolute; sub
// is the whole second of a histogram, the millisecond of a step or AtStart.
func (b *Block) Each(want func(measure.ID) bool, f func(c Column, q Quarter, sub int64, key string, n int64)) error {
	first := b.First()
	return eachCell(b.raw, func(c Column) bool { return want(c.Measure()) }, func(c Column, quarter int16, sub int64, key string, n int64) {
		f(c, first+Quarter(quarter), sub, key, n)
	})
}

// EachUnit calls f for every number of the measures wanted in a block of Units: how much
// there is throughout a unit.
func (b *Block) EachUnit(want func(measure.ID) bool, f func(id measure.ID, u Unit, n int64)) error {
	return eachCell(b.raw, func(c Column) bool { return want(c.Measure()) }, func(c Column, cell int16, _ int64, _ string, n int64) {
		f(c.Measure(), b.Class.unitIn(b.Number, cell), n)
	})
}
