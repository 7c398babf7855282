package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// asWritten reads CSV for encoding/csv, with lazy quotes: that takes the carriage return off
// every line, and so it is there twice where a line breaks within a cell.
type asWritten struct {
	in *bufio.Reader
	// inCell says that a cell has begun, quoted that it is in quotes.
	inCell, quoted bool
	again          byte // what comes twice; 0 if nothing does
}

func (r *asWritten) Read(p []byte) (int, error) {
	for n := range p {
		if r.again != 0 {
			p[n], r.again = r.again, 0
			continue
		}
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) && n > 0 {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		p[n] = c
		r.take(c)
	}
	return len(p), nil
}

// take notes where in a cell the byte after c is.
func (r *asWritten) take(c byte) {
	switch {
	case r.quoted && c == '\r' && r.follows("\n"):
		r.again = c
	case r.quoted && c == '"' && r.follows(`"`):
		_, _ = r.in.Discard(1)
		r.again = c
	case r.quoted && c == '"':
		r.quoted = !r.follows(",") && !r.follows("\n") && !r.follows("\r\n")
	case r.quoted:
	case c == '"' && !r.inCell:
		r.inCell, r.quoted = true, true
	default:
		r.inCell = c != ',' && c != '\n'
	}
}

// follows says what comes next.
func (r *asWritten) follows(s string) bool {
	next, _ := r.in.Peek(len(s))
	return strings.HasPrefix(string(next), s)
}
