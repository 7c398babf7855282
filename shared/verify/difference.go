package verify

import (
	"fmt"
	"strings"
	"time"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
)

// Difference is one thing that is not as it should be.
type Difference struct {
	// What it is in: fact, block, detail, open, log or journal.
	What string
	// Entity of a fact (kind/id/segment), series of a block (dimension/value).
	Entity string
	// At is when it counts, in Unix milliseconds; 0 where no time is known.
	At int64
	// Measure and which of its numbers.
	Measure          string
	Stored, Expected int64
	// Note says what is wrong where two numbers cannot.
	Note string
}

func (d Difference) String() string {
	var b strings.Builder
	b.WriteString(d.What)
	if d.Entity != "" {
		b.WriteString(" " + d.Entity)
	}
	if d.At != 0 {
		t := time.UnixMilli(d.At).UTC()
		b.WriteString(" day " + t.Format(time.DateOnly) + " quarter " + t.Truncate(15*time.Minute).Format("15:04"))
	}
	if d.Measure != "" {
		fmt.Fprintf(&b, " %s: stored %d, expected %d", d.Measure, d.Stored, d.Expected)
	}
	if d.Note != "" {
		b.WriteString(": " + d.Note)
	}
	return b.String()
}

// counted is a finding about counters as a difference.
func counted(f *audit.Finding) Difference {
	d := Difference{What: f.Kind, Entity: f.Series, At: f.At, Stored: f.Stored, Expected: f.Expected, Note: f.Note}
	if f.Fact != "" {
		d.Entity = strings.TrimSpace(f.Fact + " " + f.Series)
	}
	if f.Measure == "" {
		return d
	}
	d.Measure = f.Measure + " " + f.Part
	switch {
	case f.Part == "step" && f.Sub == cell.AtStart:
		d.Measure += " at the quarter's start"
	case f.Part == "step":
		d.Measure += fmt.Sprintf(" at %d ms", f.Sub)
	case f.Part == "histogram":
		d.Measure += fmt.Sprintf(" of %d s", f.Sub)
	case f.Sub != 0:
		d.Measure += fmt.Sprintf(" of %d", f.Sub)
	}
	if f.Key != "" {
		d.Measure += fmt.Sprintf(" of %q", f.Key)
	}
	return d
}
