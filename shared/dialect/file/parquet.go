package file

import (
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"chatreports/shared/dialect"
)

// A group of rows is in memory until it is written: so many bytes of cells, or rows. With
// that, and with Snappy, memory stays under 128 MiB; zstd makes files a third smaller, and
// takes half as much memory again for its encoders, one a column.
const (
	groupBytes = 6 << 20
	groupRows  = 128 << 10
)

// batch is how many rows are handed over at once.
const batch = 64

// writeParquet writes a sheet as Parquet: texts as they are, of the other types null where a
// cell is empty.
func writeParquet(w io.Writer, s *dialect.Sheet) error {
	out := parquet.NewGenericWriter[any](w, parquet.NewSchema("rows", columns(s.Columns)),
		parquet.Compression(&parquet.Snappy), parquet.CreatedBy("chatreports", "", ""))
	rows := make([]parquet.Row, 0, batch)
	bytes, n := 0, 0
	flush := func() error {
		if _, err := out.WriteRows(rows); err != nil {
			return fmt.Errorf("writing Parquet: %w", err)
		}
		rows = rows[:0]
		if bytes < groupBytes && n < groupRows {
			return nil
		}
		bytes, n = 0, 0
		if err := out.Flush(); err != nil {
			return fmt.Errorf("writing a group of rows as Parquet: %w", err)
		}
		return nil
	}
	for cells, err := range s.Rows {
		if err != nil {
			return err
		}
		if rows = rows[:len(rows)+1]; cap(rows[len(rows)-1]) == 0 {
			rows[len(rows)-1] = make(parquet.Row, len(cells))
		}
		row := rows[len(rows)-1]
		for i, cell := range cells {
			if row[i], err = value(&s.Columns[i], cell, i); err != nil {
				return err
			}
			bytes += len(cell) + 8
		}
		if n++; len(rows) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("completing Parquet: %w", err)
	}
	return nil
}

// columns are a group in the order of the sheet: the library's own sorts by name.
func columns(declared []dialect.Column) parquet.Node {
	g := ordered{Group: parquet.Group{}}
	for i := range declared {
		c := &declared[i]
		g.Group[c.Name] = node(c.Type)
		g.names = append(g.names, c.Name)
	}
	return g
}

type ordered struct {
	parquet.Group
	names []string
}

func (g ordered) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.names))
	for i, name := range g.names {
		fields[i] = byName[name]
	}
	return fields
}

func (g ordered) GoType() reflect.Type { return g.Group.GoType() }

func node(t dialect.Type) parquet.Node {
	switch t {
	case dialect.Whole:
		return parquet.Optional(parquet.Int(64))
	case dialect.Decimal:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case dialect.Truth:
		return parquet.Optional(parquet.Leaf(parquet.BooleanType))
	case dialect.Moment:
		return parquet.Optional(parquet.Timestamp(parquet.Millisecond))
	}
	return parquet.String()
}

// value is a cell. The column of an optional one is 1 deep where it is not null.
func value(c *dialect.Column, cell string, column int) (parquet.Value, error) {
	if c.Type == dialect.Words {
		return parquet.ValueOf(cell).Level(0, 0, column), nil
	}
	if cell == "" {
		return parquet.NullValue().Level(0, 0, column), nil
	}
	var v parquet.Value
	err := c.Check(cell)
	if err == nil {
		switch c.Type {
		case dialect.Whole:
			var n int64
			n, err = strconv.ParseInt(cell, 10, 64)
			v = parquet.Int64Value(n)
		case dialect.Decimal:
			var f float64
			f, err = strconv.ParseFloat(cell, 64)
			v = parquet.DoubleValue(f)
		case dialect.Truth:
			v = parquet.BooleanValue(cell == "true")
		case dialect.Moment:
			t, _ := dialect.ParseMoment(cell)
			v = parquet.Int64Value(t.UnixMilli())
		}
	}
	return v.Level(0, 1, column), err
}
