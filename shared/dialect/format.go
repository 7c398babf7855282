package dialect

import (
	"io"
	"mime"
	"strconv"
	"strings"
)

// Format is how a table is written.
type Format struct {
	csv, safe bool
}

// Values of the parameter 'format'.
const (
	formatJSON = "json"
	formatCSV  = "csv"
)

// Formatting are the parameters that choose a format.
var Formatting = []Parameter{
	{Name: "format", Values: []string{formatJSON, formatCSV}, About: "how the answer is written; without it as the header Accept says, else as JSON"},
	{Name: "spreadsheetSafe", Kind: Flag, About: "in CSV, an apostrophe before every cell that begins with = + - @, a tab or a return"},
}

// Format is the one that the parameters ask for, or else the header Accept.
func (v *Values) Format(accept string) Format {
	f := Format{safe: v.Flag("spreadsheetSafe")}
	switch v.Text("format") {
	case formatCSV:
		f.csv = true
	case "":
		f.csv = prefersCSV(accept)
	}
	return f
}

// prefersCSV says whether a header Accept names text/csv, and nothing that JSON would
// be with a greater weight.
func prefersCSV(accept string) bool {
	csv, other := 0.0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		weight := 1.0
		if q, ok := parameters["q"]; ok {
			weight, _ = strconv.ParseFloat(q, 64)
		}
		switch kind {
		case "text/csv":
			csv = max(csv, weight)
		case "application/json":
			other = max(other, weight)
		}
	}
	return csv > 0 && csv >= other
}

// CSV says whether it is CSV.
func (f Format) CSV() bool { return f.csv }

// Answer is a table in the format.
func (f Format) Answer(t *Table) *Answer {
	if f.csv {
		return &Answer{ContentType: "text/csv; charset=utf-8", Write: func(w io.Writer) error { return t.WriteCSV(w, f.safe) }}
	}
	return &Answer{ContentType: jsonType, Write: t.WriteJSON}
}
