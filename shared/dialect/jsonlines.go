package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// WriteJSONLines writes a sheet as JSON, an object a line. Cells are what their columns say:
// numbers, true and false, texts; of any other type than Words an empty one is null.
func (s *Sheet) WriteJSONLines(w io.Writer) error {
	names := make([][]byte, len(s.Columns))
	for i := range s.Columns {
		before := ","
		if i == 0 {
			before = "{"
		}
		names[i] = append(appendText([]byte(before), s.Columns[i].Name), ':')
	}
	buffer := make([]byte, 0, 2*flushFrom)
	for cells, err := range s.Rows {
		if err != nil {
			return err
		}
		for i, cell := range cells {
			buffer = append(buffer, names[i]...)
			if buffer, err = s.Columns[i].appendJSON(buffer, cell); err != nil {
				return err
			}
		}
		if buffer = append(buffer, "}\n"...); len(buffer) >= flushFrom {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	_, err := w.Write(buffer)
	return err
}

func (c *Column) appendJSON(b []byte, cell string) ([]byte, error) {
	if c.Type == Words {
		return appendText(b, cell), nil
	}
	if cell == "" {
		return append(b, "null"...), nil
	}
	if err := c.Check(cell); err != nil || c.Type != Moment {
		return append(b, cell...), err
	}
	return appendText(b, cell), nil
}

// Check refuses a text that is not of the column's type: a row function wrote it, so it is
// a mistake in the code.
func (c *Column) Check(cell string) error {
	ok := true
	switch c.Type {
	case Words:
	case Whole:
		_, err := strconv.ParseInt(cell, 10, 64)
		ok = err == nil
	case Decimal:
		ok = json.Valid([]byte(cell)) && (cell[0] == '-' || cell[0] >= '0' && cell[0] <= '9')
	case Truth:
		ok = cell == "true" || cell == "false"
	case Moment:
		_, err := ParseMoment(cell)
		ok = err == nil
	}
	if !ok && cell != "" {
		return fmt.Errorf("dialect: %q in the column %s is none of its values", Clip(cell), c.Name)
	}
	return nil
}

// appendText appends a string as JSON; < > and & stay as they are.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			var text bytes.Buffer
			e := json.NewEncoder(&text)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // of a string into memory
			return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
