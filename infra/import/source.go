package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"slices"

	"chatreports/infra/loadgen/replay"
)

// eachPart calls each for the parts of a file: of a ZIP its files, in their order, of any
// other the whole, with an empty name. What is gzip'ed is unpacked; a byte order mark at the
// beginning is left out.
func eachPart(file string, each func(name string, in io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	magic := make([]byte, 4)
	if n, _ := f.ReadAt(magic, 0); n < len(magic) || !bytes.Equal(magic, []byte("PK\x03\x04")) && !bytes.Equal(magic, []byte("PK\x05\x06")) {
		in, err := replay.Plain(f)
		if err != nil {
			return err
		}
		return each("", withoutMark(in))
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	for _, entry := range z.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		if err := eachEntry(entry, each); err != nil {
			return err
		}
	}
	return nil
}

func eachEntry(entry *zip.File, each func(name string, in io.Reader) error) error {
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("unpack %s: %w", entry.Name, err)
	}
	defer func() { _ = in.Close() }()
	return each(path.Base(entry.Name), withoutMark(bufio.NewReaderSize(in, 64<<10)))
}

func withoutMark(in *bufio.Reader) io.Reader {
	const mark = "\ufeff"
	if begin, _ := in.Peek(len(mark)); string(begin) == mark {
		_, _ = in.Discard(len(mark)) // it is there
	}
	return in
}

// lineCounter counts the lines of what is read through it.
type lineCounter struct {
	in    io.Reader
	read  int64
	ends  []int64 // of lines, not asked for yet
	lines int     // before those
}

func (c *lineCounter) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	for i := range b[:n] {
		if b[i] == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// at is the line, from 1, in which an offset is; offsets only grow.
func (c *lineCounter) at(offset int64) int {
	i, _ := slices.BinarySearch(c.ends, offset)
	c.lines += i
	c.ends = slices.Delete(c.ends, 0, i)
	return c.lines + 1
}
