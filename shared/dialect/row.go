package dialect

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
)

// Row is one item of an answer: its properties in the order in which they are
// written. A value is nil, a bool, a string, an int, an int64, a float64, a Nothing,
// a Row or a list of rows.
type Row []Property

// Property is a name with its value.
type Property struct {
	Name  string
	Value any
}

// Nothing is the number that stands where there is nothing to compute a figure from,
// such as the average of no waits: JSON has the number, CSV an empty cell.
type Nothing float64

// Add adds a property at the end.
func (r *Row) Add(name string, value any) { *r = append(*r, Property{name, value}) }

// Get is the value of a property, nil if there is none of the name.
func (r Row) Get(name string) any {
	for i := range r {
		if r[i].Name == name {
			return r[i].Value
		}
	}
	return nil
}

// Without is the row without a property.
func (r Row) Without(name string) Row {
	return slices.DeleteFunc(slices.Clone(r), func(p Property) bool { return p.Name == name })
}

// MarshalJSON writes an object, its members in order.
func (r Row) MarshalJSON() ([]byte, error) { return appendJSON(nil, r), nil }

// Table is an answer made of rows.
type Table struct {
	// Columns are the names of CSV's cells: those of properties, with dots where they
	// stand within others ("time.from"). Every property has its column.
	Columns []string
	Rows    iter.Seq[Row]
	// Single says that in JSON the answer is the one row there is and no list.
	Single bool
}

// flushFrom is how many bytes are collected before they are written.
const flushFrom = 16 << 10

// WriteJSON writes a table as JSON, row by row.
func (t *Table) WriteJSON(w io.Writer) error {
	var buffer []byte
	before := byte('[')
	for row := range t.Rows {
		if !t.Single {
			buffer = append(buffer, before)
		}
		buffer, before = appendJSON(buffer, row), ','
		if len(buffer) >= flushFrom {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	switch {
	case t.Single:
	case before == '[':
		buffer = append(buffer, "[]"...)
	default:
		buffer = append(buffer, ']')
	}
	_, err := w.Write(append(buffer, '\n'))
	return err
}

func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case Row:
		b = append(b, '{')
		for i, p := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, p.Name), ':')
			b = appendJSON(b, p.Value)
		}
		return append(b, '}')
	case []Row:
		b = append(b, '[')
		for i, row := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, row)
		}
		return append(b, ']')
	case string:
		return appendString(b, v)
	case nil:
		return append(b, "null"...)
	}
	return appendScalar(b, value)
}

// appendScalar writes what JSON and CSV write alike: numbers and truth values.
func appendScalar(b []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendNumber(b, v)
	case Nothing:
		return appendNumber(b, float64(v))
	}
	panic(fmt.Sprintf("dialect: a row holds a %T", value))
}

// exact is up to where a float64 holds every whole number.
const exact = 1 << 53

func appendNumber(b []byte, f float64) []byte {
	if n := int64(f); -exact < f && f < exact && float64(n) == f {
		return strconv.AppendInt(b, n, 10)
	}
	return appendMarshalled(b, f)
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return appendMarshalled(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendMarshalled(b []byte, value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("dialect: " + err.Error())
	}
	return append(b, raw...)
}
