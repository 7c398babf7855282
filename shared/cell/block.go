package cell

import (
	"encoding/binary"
	"slices"
	gostrings "strings"

	"chatreports/shared/measure"
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

// Measure and Part take a column apart.
func (c Column) Measure() measure.ID { return measure.ID(c >> 2) }
func (c Column) Part() Part          { return Part(c & 3) }

// atStart is the sub-key of a step function's value when the quarter began.
const atStart = -1

// cellKey is one number of a block. Sub is the whole second (histograms), the
// millisecond of the quarter or atStart (steps), else 0; Key the string (keys).
type cellKey struct {
	Column  Column
	Quarter int16 // within the block
	Sub     int64
	Key     string
}

func (a cellKey) compare(b cellKey) int {
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

type cell struct {
	cellKey
	N int64
}

func (a cell) compare(b cell) int { return a.cellKey.compare(b.cellKey) }

// encodeBlock writes cells: per column its length and rows of (quarter, sub,
// key, number), each as the step from the row before.
func encodeBlock(cells []cell) []byte {
	if !slices.IsSortedFunc(cells, cell.compare) {
		slices.SortFunc(cells, cell.compare)
	}
	var keys strings
	var body []byte
	for i := 0; i < len(cells); {
		col := cells[i].Column
		var rows []byte
		var quarter, sub int64
		for ; i < len(cells) && cells[i].Column == col; i++ {
			c := &cells[i]
			if int64(c.Quarter) != quarter {
				sub = 0
			}
			rows = binary.AppendUvarint(rows, uint64(int64(c.Quarter)-quarter))
			quarter = int64(c.Quarter)
			if withSub(col) {
				rows = binary.AppendVarint(rows, c.Sub-sub)
				sub = c.Sub
			}
			if withKey(col) {
				rows = binary.AppendUvarint(rows, keys.number(c.Key))
			}
			rows = binary.AppendVarint(rows, c.N)
		}
		body = binary.AppendUvarint(body, uint64(col))
		body = binary.AppendUvarint(body, uint64(len(rows)))
		body = append(body, rows...)
	}
	out := binary.AppendUvarint(nil, uint64(len(keys.list)))
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

func withSub(c Column) bool { return c.Part() == subPart }
func withKey(c Column) bool { return c.Part() == keyPart }

// eachCell calls f for every number of the columns wanted.
func eachCell(v []byte, want func(Column) bool, f func(c Column, quarter int16, sub int64, key string, n int64)) error {
	raw, err := unpack(v)
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
		var quarter, sub int64
		for len(rows.b) > 0 {
			if gap := int64(rows.uvarint()); gap != 0 {
				quarter += gap
				sub = 0
			}
			if withSub(col) {
				sub += rows.varint()
			}
			key := ""
			if withKey(col) {
				key = rows.text(keys)
			}
			n := rows.varint()
			if rows.bad {
				return errCorrupt
			}
			f(col, int16(quarter), sub, key, n)
		}
	}
	if r.bad {
		return errCorrupt
	}
	return nil
}

// decodeBlock reads all cells of a block. An empty value is an empty block.
func decodeBlock(v []byte) ([]cell, error) {
	if len(v) == 0 {
		return nil, nil
	}
	out := make([]cell, 0, len(v))
	err := eachCell(v, func(Column) bool { return true }, func(c Column, quarter int16, sub int64, key string, n int64) {
		out = append(out, cell{cellKey{c, quarter, sub, key}, n})
	})
	return out, err
}

// spread breaks a difference into numbers of blocks: one call of f for each
// class, block and number. Levels that have not ended add nothing: see open.
func spread(c *measure.Contribution, f func(class Class, block int64, key cellKey, n int64)) {
	m := measure.Get(c.Measure)
	if m == nil || c.Until == measure.Forever {
		return
	}
	put := func(class Class, q Quarter, part Part, sub int64, key string, n int64) {
		b := class.block(q)
		f(class, b, cellKey{column(c.Measure, part), int16(q - class.first(b)), sub, key}, n)
	}
	q := QuarterOf(c.At)
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
	case measure.Level:
		for ; q.Start() < c.Until; q++ {
			put(Numbers, q, Millis, 0, "", c.N*(min(c.Until, (q+1).Start())-max(c.At, q.Start())))
		}
	case measure.Step:
		for ; q.Start() < c.Until; q++ {
			if q.Start() > c.At {
				put(Steps, q, subPart, atStart, "", c.N)
			} else {
				put(Steps, q, subPart, c.At-q.Start(), "", c.N)
			}
			if c.Until < (q + 1).Start() {
				put(Steps, q, subPart, c.Until-q.Start(), "", -c.N)
			}
		}
	}
}
