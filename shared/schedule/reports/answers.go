package reports

import (
	"io"

	"chatreports/shared/dialect"
)

// Formats of reports that a dialect answers as a whole: CSV, and the dialect's own JSON.
const (
	csvFormat  = "csv"
	jsonFormat = "json"
)

var ofAnswers = []string{csvFormat, jsonFormat}

// writeAnswer writes an answer, and counts its rows: of CSV the lines but for the header,
// of JSON the entries of its lists.
func writeAnswer(w io.Writer, format string, answer *dialect.Answer) (rows int64, err error) {
	if format == jsonFormat {
		entries := &entryCounter{w: w}
		err = answer.Write(entries)
		return entries.n, err
	}
	lines := &lineCounter{w: w}
	err = answer.Write(lines)
	return max(0, lines.n-1), err
}

// lineCounter counts the lines of CSV that go through it: line ends that are not within
// quotes.
type lineCounter struct {
	w      io.Writer
	n      int64
	quoted bool
}

func (l *lineCounter) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c == '"':
			l.quoted = !l.quoted
		case c == '\n' && !l.quoted:
			l.n++
		}
	}
	return l.w.Write(b)
}

// entryCounter counts the entries of the lists in JSON that goes through it, but of those
// that are in another. What is no list at all is one.
type entryCounter struct {
	w             io.Writer
	n             int64
	open          []byte // the brackets and braces around
	listed        bool   // there was a list
	next          bool   // an entry may begin
	text, escaped bool
}

func (e *entryCounter) Write(b []byte) (int, error) {
	for _, c := range b {
		e.take(c)
	}
	return e.w.Write(b)
}

func (e *entryCounter) take(c byte) {
	switch {
	case e.escaped:
		e.escaped = false
		return
	case e.text:
		e.text, e.escaped = c != '"', c == '\\'
		return
	case c == ' ', c == '\n', c == '\r', c == '\t':
		return
	}
	if e.next && c != ']' {
		e.n++
	}
	e.next = false
	switch c {
	case '"':
		e.text = true
	case '[', '{':
		e.open = append(e.open, c)
		e.listed = e.listed || c == '['
		e.next = c == '[' && e.inList()
	case ']', '}':
		e.open = e.open[:len(e.open)-1]
		if len(e.open) == 0 && !e.listed {
			e.n = 1
		}
	case ',':
		e.next = len(e.open) > 0 && e.open[len(e.open)-1] == '[' && e.inList()
	}
}

// inList says that one list is open, and not one within another.
func (e *entryCounter) inList() bool {
	n := 0
	for _, c := range e.open {
		if c == '[' {
			n++
		}
	}
	return n == 1
}
