package dialect

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteCSV writes a table as CSV: UTF-8 without a mark, as RFC 4180 says, lines ended
// by CR LF. (encoding/csv writes line breaks within cells anew; here they stay as
// sent.) A row that holds lists becomes one line for each innermost entry, what
// stands around it repeated.
//
// safe puts an apostrophe before a cell that a spreadsheet would take for a formula.
func (t *Table) WriteCSV(w io.Writer, safe bool) error {
	c := &csvWriter{w: w, safe: safe, column: map[string]int{}}
	for i, name := range t.Columns {
		c.column[name] = i
	}
	c.line(t.Columns)
	cells := make([]string, len(t.Columns))
	for row := range t.Rows {
		clear(cells)
		c.row(cells, "", row)
		if len(c.buffer) >= flushFrom {
			c.flush()
		}
		if c.err != nil {
			return c.err
		}
	}
	c.flush()
	return c.err
}

// WriteCSV writes a sheet as CSV in the same form, as its rows come.
func (s *Sheet) WriteCSV(w io.Writer, safe bool) error {
	c := &csvWriter{w: w, safe: safe}
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		names[i] = s.Columns[i].Name
	}
	c.line(names)
	for cells, err := range s.Rows {
		if err != nil {
			return err
		}
		c.line(cells)
		if len(c.buffer) >= flushFrom {
			c.flush()
		}
		if c.err != nil {
			return c.err
		}
	}
	c.flush()
	return c.err
}

type csvWriter struct {
	w      io.Writer
	safe   bool
	column map[string]int // by name
	buffer []byte
	err    error
}

func (c *csvWriter) flush() {
	if c.err == nil {
		_, c.err = c.w.Write(c.buffer)
	}
	c.buffer = c.buffer[:0]
}

// list is a list within a row, with what its entries' names begin with.
type list struct {
	prefix string
	rows   []Row
}

// row fills the row's own cells, then writes the line, or the lines of the lists.
func (c *csvWriter) row(cells []string, prefix string, row Row) {
	lists := c.fill(cells, prefix, row, nil)
	if len(lists) == 0 {
		c.line(cells)
		return
	}
	for _, l := range lists {
		for _, entry := range l.rows {
			c.row(slices.Clone(cells), l.prefix, entry)
		}
	}
}

// fill fills the cells of a row and of the rows in it, and collects the lists.
func (c *csvWriter) fill(cells []string, prefix string, row Row, lists []list) []list {
	for _, p := range row {
		switch v := p.Value.(type) {
		case Row:
			lists = c.fill(cells, prefix+p.Name+".", v, lists)
		case []Row:
			if len(v) > 0 {
				lists = append(lists, list{prefix + p.Name + ".", v})
			}
		case nil, Nothing: // an empty cell
		default:
			i, ok := c.column[prefix+p.Name]
			if !ok {
				c.err = fmt.Errorf("dialect: there is no column %s%s", prefix, p.Name)
				return nil
			}
			cells[i] = cell(v)
		}
	}
	return lists
}

func cell(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return string(appendScalar(nil, value))
}

// special says whether a cell has anything that needs quotes around it.
func special(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ',', '"', '\r', '\n':
			return true
		}
	}
	return false
}

func (c *csvWriter) line(cells []string) {
	for i, s := range cells {
		if i > 0 {
			c.buffer = append(c.buffer, ',')
		}
		if c.safe && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			s = "'" + s
		}
		// A line that is empty but for its end would be no line to many readers.
		if len(cells) > 1 && s == "" || s != "" && !special(s) {
			c.buffer = append(c.buffer, s...)
			continue
		}
		c.buffer = append(c.buffer, '"')
		c.buffer = append(c.buffer, strings.ReplaceAll(s, `"`, `""`)...)
		c.buffer = append(c.buffer, '"')
	}
	c.buffer = append(c.buffer, "\r\n"...)
}
