package dialect

import (
	"iter"
	"time"
)

// Sheet is rows that are written out as they come, however many: of extracts and
// exports. A cell is text, as CSV has it, and its column says what the text stands for.
type Sheet struct {
	Columns []Column
	// Rows are the cells of each row, in the order of the columns. A row is the reader's
	// until the next one comes.
	Rows iter.Seq2[[]string, error]
}

// Column declares a column of a sheet.
type Column struct {
	Name string
	Type Type
	// About says in half a sentence what it is.
	About string
}

// Type is what the text of a cell stands for. An empty cell of any other type than
// Words is one that has no value.
type Type uint8

// Types.
const (
	Words   Type = iota
	Whole        // a whole number
	Decimal      // a number with decimal places
	Truth        // true or false
	Moment       // YYYY-MM-DDTHH:MM:SS.mmmZ
)

// ParseMoment reads the cell of a Moment.
func ParseMoment(cell string) (time.Time, error) {
	return time.Parse("2006-01-02T15:04:05.000Z", cell)
}
