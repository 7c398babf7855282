package verify

import (
	"errors"
	"fmt"
	"iter"
	"os"

	"chatreports/shared/table"
)

// spillBytes is how much of records is held in memory before it goes into a file.
const spillBytes = 16 << 20

// spill holds records of several lists, each in the order in which it came: in memory, or if
// they are many in a temporary file, a piece of each list after another.
type spill struct {
	dir     string
	file    *os.File
	end     int64
	size    int      // bytes in memory
	memory  [][]byte // by list
	written [][]piece
}

// piece is where a part of a list lies in the file.
type piece struct {
	at   int64
	size int
}

func newSpill(dir string, lists int) *spill {
	return &spill{dir: dir, memory: make([][]byte, lists), written: make([][]piece, lists)}
}

// put adds a record to a list.
func (s *spill) put(list int, item *table.Item) error {
	before := len(s.memory[list])
	s.memory[list] = item.Pack(s.memory[list])
	if s.size += len(s.memory[list]) - before; s.size < spillBytes {
		return nil
	}
	return s.write()
}

// write writes what is in memory into the file.
func (s *spill) write() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "verify-*"); err != nil {
			return fmt.Errorf("setting records aside: %w", err)
		}
	}
	for list, raw := range s.memory {
		if len(raw) == 0 {
			continue
		}
		if _, err := s.file.WriteAt(raw, s.end); err != nil {
			return fmt.Errorf("setting records aside: %w", err)
		}
		s.written[list] = append(s.written[list], piece{s.end, len(raw)})
		s.end += int64(len(raw))
		s.memory[list] = nil
	}
	s.size = 0
	return nil
}

// each yields the records of a list.
func (s *spill) each(list int) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for _, p := range s.written[list] {
			raw := make([]byte, p.size)
			if _, err := s.file.ReadAt(raw, p.at); err != nil {
				yield(table.Item{}, fmt.Errorf("reading records that were set aside: %w", err))
				return
			}
			if !unpack(raw, yield) {
				return
			}
		}
		unpack(s.memory[list], yield)
	}
}

func unpack(raw []byte, yield func(table.Item, error) bool) bool {
	for len(raw) > 0 {
		var item table.Item
		var err error
		if item, raw, err = table.Unpack(raw); !yield(item, err) || err != nil {
			return false
		}
	}
	return true
}

// close deletes the file.
func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
