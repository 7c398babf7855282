package extract

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/lanrat/extsort"
)

// sorter brings the rows of a slice into order. As long as they are few it keeps them; if
// they get many it puts them into temporary files.
type sorter struct {
	ctx   context.Context
	dir   string
	rows  []sorted
	bytes int

	// Of rows in files: where they go in, and what comes out.
	in     chan sorted
	out    <-chan sorted
	failed <-chan error
}

// sorted is a row with all that orders it: rows that are alike keep the order in which
// their entity gave them.
type sorted struct {
	Row
	entity string
	n      int
}

func (r *sorted) compare(o *sorted) int {
	return cmp.Or(cmp.Compare(r.At, o.At), slices.Compare(r.Order, o.Order), cmp.Compare(r.entity, o.entity), cmp.Compare(r.n, o.n))
}

// size is about how much memory it takes.
func (r *sorted) size() int {
	n := 128
	for _, list := range [][]string{r.Order, r.Cells} {
		for _, s := range list {
			n += 16 + len(s)
		}
	}
	return n
}

// mostBytes is how many bytes of rows are kept in memory. If there are more, some pieces of a
// quarter of it are, which are sorted and written while others come.
var mostBytes = 24 << 20

const pieces = 4

func (s *sorter) add(rows []sorted) error {
	if s.in == nil {
		s.rows = append(s.rows, rows...)
		for i := range rows {
			s.bytes += rows[i].size()
		}
		if s.bytes < mostBytes {
			return nil
		}
		rows = s.spill()
	}
	for i := range rows {
		select {
		case s.in <- rows[i]:
		case err := <-s.failed:
			return cmp.Or(err, errors.New("sorting rows in files ended early"))
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// spill begins to sort in files, and gives what there was in memory.
func (s *sorter) spill() []sorted {
	rows := s.rows
	s.rows, s.in = nil, make(chan sorted, 256)
	config := extsort.Config{ChunkSize: max(1, len(rows)/pieces), NumWorkers: 1, SortedChanBuffSize: 256, TempFilesDir: s.dir}
	compare := func(a, b sorted) int { return a.compare(&b) }
	var work *extsort.GenericSorter[sorted]
	work, s.out, s.failed = extsort.Generic(s.in, decode, encode, compare, &config)
	go work.Sort(s.ctx)
	return rows
}

// each gives the rows in order, as long as more are wanted.
func (s *sorter) each(f func(cells []string) bool) (more bool, err error) {
	if s.in == nil {
		slices.SortFunc(s.rows, func(a, b sorted) int { return a.compare(&b) })
		for i := range s.rows {
			if !f(s.rows[i].Cells) {
				return false, nil
			}
		}
		return true, nil
	}
	close(s.in)
	s.in = nil
	for r := range s.out {
		if !f(r.Cells) {
			return false, nil
		}
	}
	return true, <-s.failed
}

// encode writes a row as it lies in a file for a while.
func encode(r sorted) ([]byte, error) {
	b := binary.AppendVarint(make([]byte, 0, r.size()), r.At)
	b = binary.AppendUvarint(b, uint64(r.n))
	b = binary.AppendUvarint(b, uint64(len(r.Order)))
	for _, list := range [][]string{{r.entity}, r.Order, r.Cells} {
		for _, s := range list {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return b, nil
}

var errDamaged = errors.New("a row in a temporary file is damaged")

func decode(b []byte) (r sorted, err error) {
	text := string(b) // all texts of the row are parts of it
	at := 0
	number := func() int {
		n, size := binary.Uvarint(b[at:])
		if size <= 0 {
			err = errDamaged
			return 0
		}
		at += size
		return int(n)
	}
	var size int
	if r.At, size = binary.Varint(b); size <= 0 {
		return r, errDamaged
	}
	at = size
	r.n = number()
	order := number()
	var texts []string
	for at < len(b) && err == nil {
		n := number()
		if n < 0 || n > len(b)-at {
			return r, errDamaged
		}
		texts = append(texts, text[at:at+n])
		at += n
	}
	if err != nil || len(texts) < order+1 {
		return r, errDamaged
	}
	r.entity, r.Order, r.Cells = texts[0], texts[1:1+order], texts[1+order:]
	return r, nil
}
