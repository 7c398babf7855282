package table

import (
	"encoding/binary"
	"errors"
)

// Pack appends a record as it was read, for a temporary file: how it is packed is no format,
// and what reads it with Unpack is the same program. Unchanged holds of it as of the record
// read.
func (i *Item) Pack(to []byte) []byte {
	for _, s := range []string{i.Part, i.Sort, string(i.Value), i.parts.tenant, i.parts.name} {
		to = append(binary.AppendUvarint(to, uint64(len(s))), s...)
	}
	for _, n := range []uint64{i.Version, uint64(i.Expires), uint64(i.parts.size), uint64(i.parts.n)} {
		to = binary.AppendUvarint(to, n)
	}
	return to
}

// Unpack reads a record that Pack wrote, and gives the bytes after it.
func Unpack(b []byte) (i Item, rest []byte, err error) {
	number := func() (n uint64) {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			err = errors.New("table: a record that was packed ends early")
			return 0
		}
		b = b[size:]
		return n
	}
	text := func() string {
		n := number()
		if err != nil || n > uint64(len(b)) {
			err = errors.New("table: a record that was packed ends early")
			return ""
		}
		s := string(b[:n])
		b = b[n:]
		return s
	}
	i.Part, i.Sort, i.Value = text(), text(), []byte(text())
	i.parts.tenant, i.parts.name = text(), text()
	i.Version, i.Expires = number(), int64(number())
	i.parts.size, i.parts.n = int(number()), int(number())
	return i, b, err
}
