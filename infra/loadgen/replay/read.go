package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
)

// MaxRequestBytes and MaxRequestEvents are what the server takes in one request.
const (
	MaxRequestBytes  = 5 << 20
	MaxRequestEvents = 500
)

// Line is one event, and where it stands: which line of which part of the file it is, or is
// made of.
type Line struct {
	Part   string // empty if there is only one
	Number int    // from 1
	Text   []byte
}

// Place names where something stands.
func Place(part string, line int) string {
	if part == "" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s, line %d", part, line)
}

// batch is what goes into one request.
type batch []Line

// body is the batch as newline-delimited JSON, gzip'ed.
func (b batch) body() ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	for _, l := range b {
		if _, err := z.Write(append(l.Text, '\n')); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Plain unpacks what is gzip'ed, whatever it is called.
func Plain(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return bufio.NewReaderSize(z, 64<<10), nil
}

// Lines calls each for every line that is not blank.
func Lines(r io.Reader, each func(Line) error) error {
	in, err := Plain(r)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		var text []byte
		for {
			part, err := in.ReadSlice('\n')
			text = append(text, part...)
			if len(text) > MaxRequestBytes {
				return fmt.Errorf("line %d is longer than a request may be (%d bytes)", n, MaxRequestBytes)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err == nil {
				break
			}
			if !errors.Is(err, io.EOF) {
				return fmt.Errorf("read line %d: %w", n, err)
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				return each(Line{Number: n, Text: text})
			}
			return nil
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			if err := each(Line{Number: n, Text: text}); err != nil {
				return err
			}
		}
	}
}

// readBatches cuts lines into batches of at most size events. With a shuffle it holds all
// lines in memory and deals them in an order that the seed decides.
func readBatches(lines func(each func(Line) error) error, size int, shuffle *uint64, each func(batch) error) error {
	c := cutter{size: size, each: each}
	if shuffle == nil {
		if err := lines(c.add); err != nil {
			return err
		}
		return c.flush()
	}
	var all []Line
	err := lines(func(l Line) error {
		all = append(all, l)
		return nil
	})
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(*shuffle, 0))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, l := range all {
		if err := c.add(l); err != nil {
			return err
		}
	}
	return c.flush()
}

// cutter collects lines until a batch is full.
type cutter struct {
	size  int
	each  func(batch) error
	lines batch
	bytes int
}

func (c *cutter) add(l Line) error {
	if len(c.lines) == c.size || c.bytes+len(l.Text)+1 > MaxRequestBytes {
		if err := c.flush(); err != nil {
			return err
		}
	}
	c.lines = append(c.lines, l)
	c.bytes += len(l.Text) + 1
	return nil
}

func (c *cutter) flush() error {
	if len(c.lines) == 0 {
		return nil
	}
	b := c.lines
	c.lines, c.bytes = nil, 0
	return c.each(b)
}
