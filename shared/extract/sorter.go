package extract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/lanrat/extsort"
)

// sorter brings the rows of a slice into order. As long as they are few it keeps them; if
// they get many it puts them into temporary files. It keeps rows as bytes: that is less than
// half as much as texts take, and nothing that the collector has to look through.
type sorter struct {
	ctx    context.Context
	dir    string
	chunks [][]byte // one row after another, each after its length
	places []place  // of the rows in chunks
	bytes  int

	// Of rows in files: where they go in, and what comes out.
	in     chan []byte
	out    <-chan []byte
	failed <-chan error
}

// place is where a row is. Most comparisons need nothing but its time.
type place struct {
	at            uint64 // as it is written
	chunk, offset uint32
}

// chunkBytes is how much memory is taken at a time.
const chunkBytes = 1 << 20

// mostBytes is how many bytes of rows are kept in memory: those of a day of 370,000 events. If
// there are more, some pieces of a quarter of it are, which are sorted and written while
// others come; that takes a fifth longer.
var mostBytes = 36 << 20

const pieces = 4

// add takes a row, and copies it.
func (s *sorter) add(row []byte) error {
	if s.in != nil {
		return s.send(bytes.Clone(row))
	}
	n := len(s.chunks) - 1
	if n < 0 || cap(s.chunks[n])-len(s.chunks[n]) < binary.MaxVarintLen32+len(row) {
		s.chunks = append(s.chunks, make([]byte, 0, max(chunkBytes, binary.MaxVarintLen32+len(row))))
		n++
	}
	s.places = append(s.places, place{binary.BigEndian.Uint64(row), uint32(n), uint32(len(s.chunks[n]))})
	s.chunks[n] = append(binary.AppendUvarint(s.chunks[n], uint64(len(row))), row...)
	if s.bytes += placeBytes + len(row); s.bytes < mostBytes {
		return nil
	}
	return s.spill()
}

const placeBytes = 16

func (s *sorter) row(p place) []byte {
	b := s.chunks[p.chunk][p.offset:]
	size, n := binary.Uvarint(b)
	return b[n : n+int(size)]
}

func (s *sorter) send(row []byte) error {
	select {
	case s.in <- row:
		return nil
	case err := <-s.failed:
		return cmp.Or(err, errors.New("sorting rows in files ended early"))
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// spill begins to sort in files, with what is in memory.
func (s *sorter) spill() error {
	s.in = make(chan []byte, 256)
	config := extsort.Config{ChunkSize: max(1, len(s.places)/pieces), NumWorkers: 1, SortedChanBuffSize: 256, TempFilesDir: s.dir}
	same := func(b []byte) ([]byte, error) { return b, nil }
	var work *extsort.GenericSorter[[]byte]
	work, s.out, s.failed = extsort.Generic(s.in, same, same, compare, &config)
	go work.Sort(s.ctx)
	for i, chunk := range s.chunks {
		for s.chunks[i] = nil; len(chunk) > 0; {
			size, n := binary.Uvarint(chunk)
			if err := s.send(chunk[n : n+int(size)]); err != nil {
				return err
			}
			chunk = chunk[n+int(size):]
		}
	}
	s.chunks, s.places = nil, nil
	return nil
}

// each gives the rows in order, as long as more are wanted.
func (s *sorter) each(f func(cells []string) bool) (more bool, err error) {
	var cells []string
	give := func(row []byte) bool {
		if cells, err = decode(cells[:0], row); err != nil {
			return false
		}
		return f(cells)
	}
	if s.in == nil {
		slices.SortFunc(s.places, func(a, b place) int {
			if a.at != b.at {
				return cmp.Compare(a.at, b.at)
			}
			return compare(s.row(a), s.row(b))
		})
		for _, p := range s.places {
			if !give(s.row(p)) {
				return false, err
			}
		}
		return true, nil
	}
	close(s.in)
	s.in = nil
	for row := range s.out {
		if !give(row) {
			return false, err
		}
	}
	return true, <-s.failed
}

// encode appends a row of an entity, with all that orders it: the time, what the report
// orders by, the entity and, since those alike keep the order in which it gave them, the
// number. Then its cells follow.
func encode(b []byte, r *Row, entity string, n int) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(r.At)^1<<63)
	b = binary.AppendUvarint(b, uint64(len(r.Order)))
	for _, s := range r.Order {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(appendText(b, entity), uint64(n))
	for _, s := range r.Cells {
		b = appendText(b, s)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// compare orders two rows.
func compare(a, b []byte) int {
	if c := bytes.Compare(a[:min(timeBytes, len(a))], b[:min(timeBytes, len(b))]); c != 0 {
		return c
	}
	x, y := &fields{left: a}, &fields{left: b}
	x.take(timeBytes)
	y.take(timeBytes)
	m, n := x.count(), y.count()
	for range min(m, n) {
		if c := bytes.Compare(x.text(), y.text()); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(m, n), bytes.Compare(x.text(), y.text()), cmp.Compare(x.number(), y.number()))
}

const timeBytes = 8

// fields takes apart what encode wrote.
type fields struct {
	left    []byte
	damaged bool
}

func (f *fields) take(n int) []byte {
	if n > len(f.left) {
		f.left, f.damaged = nil, true
		return nil
	}
	b := f.left[:n]
	f.left = f.left[n:]
	return b
}

func (f *fields) number() int {
	n, size := binary.Uvarint(f.left)
	f.damaged = f.damaged || size <= 0
	f.take(max(size, 0))
	return int(n)
}

// count is a number of things that follow.
func (f *fields) count() int {
	n := f.number()
	if n < 0 || n > len(f.left) {
		f.left, f.damaged = nil, true
		return 0
	}
	return n
}

func (f *fields) text() []byte { return f.take(f.count()) }

var errDamaged = errors.New("a row in a temporary file is damaged")

// decode appends the cells of a row.
func decode(cells []string, row []byte) ([]string, error) {
	f := &fields{left: row}
	f.take(timeBytes)
	for range f.count() {
		f.text()
	}
	f.text()
	f.number()
	all := string(f.left) // each text is a part of it
	for len(f.left) > 0 {
		end := len(f.text())
		at := len(all) - len(f.left) - end
		cells = append(cells, all[at:at+end])
	}
	if f.damaged {
		return nil, errDamaged
	}
	return cells, nil
}
