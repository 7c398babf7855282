// Package filetest reads Parquet for tests. In: a file. Out: its schema and its rows, as a
// reader has them that knows nothing of who wrote it, and both as text.
package filetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
)

// File is what is in a file.
type File struct {
	// Schema is in Parquet's own notation.
	Schema  string
	Columns []string
	// Rows hold nil, or a string, an int64, a float64, a bool or a time.Time, by the schema.
	Rows [][]any
}

// moments is the type of columns that hold times.
const moments = "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)"

// Parquet reads a file.
func Parquet(raw []byte) (*File, error) {
	f, err := parquet.OpenFile(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	out := &File{Schema: f.Schema().String()}
	fields := f.Schema().Fields()
	for _, field := range fields {
		out.Columns = append(out.Columns, field.Name())
	}
	r := parquet.NewGenericReader[any](f, f.Schema())
	defer func() { _ = r.Close() }()
	some := make([]parquet.Row, 64)
	for {
		n, err := r.ReadRows(some)
		for _, row := range some[:n] {
			values := make([]any, len(row))
			for i, v := range row {
				values[i] = value(v, fields[i].Type().String() == moments)
			}
			out.Rows = append(out.Rows, values)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func value(v parquet.Value, moment bool) any {
	switch {
	case v.IsNull():
		return nil
	case moment:
		return time.UnixMilli(v.Int64()).UTC()
	case v.Kind() == parquet.Int64:
		return v.Int64()
	case v.Kind() == parquet.Double:
		return v.Double()
	case v.Kind() == parquet.Boolean:
		return v.Boolean()
	}
	return string(v.ByteArray())
}

// Text is the schema, and after an empty line each row as a list of JSON.
func (f *File) Text() (string, error) {
	var b bytes.Buffer
	b.WriteString(f.Schema + "\n\n")
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, row := range f.Rows {
		if err := e.Encode(row); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
