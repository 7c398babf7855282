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
	// Of is of what kind the ids in it are, as the directory calls it; empty: it holds none.
	Of string
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

const moment = "2006-01-02T15:04:05.000Z"

// ParseMoment reads the cell of a Moment.
func ParseMoment(cell string) (time.Time, error) { return time.Parse(moment, cell) }

// FormatMoment is the cell of a Moment, of Unix milliseconds. Nearly every row has one: it
// takes a third of what time.Format does.
func FormatMoment(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.Format(moment)
	}
	hour, minute, second := t.Clock()
	b := []byte(moment)
	digits(b[0:4], year)
	digits(b[5:7], int(month))
	digits(b[8:10], day)
	digits(b[11:13], hour)
	digits(b[14:16], minute)
	digits(b[17:19], second)
	digits(b[20:23], t.Nanosecond()/1e6)
	return string(b)
}

// digits writes a number with zeros before it.
func digits(to []byte, n int) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
	}
}
