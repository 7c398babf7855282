package dashboard

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// row is one row of a report as its CSV tells it: texts by the names of columns. What there is
// nothing to compute from is empty there, where JSON has a 0.
type row map[string]string

// within is what stands within a property.
func (r row) within(property string) row {
	out := row{}
	for name, text := range r {
		if rest, ok := strings.CutPrefix(name, property+"."); ok && property != "" {
			out[rest] = text
		}
	}
	return out
}

// csvRows reads rows as a report writes them as CSV.
func csvRows(body []byte) (rows []row, err error) {
	lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, cells := range lines[1:] {
		r := make(row, len(cells))
		for i, text := range cells {
			r[lines[0][i]] = text
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// ofNone is the key of the row of what is of none.
const ofNone = ""

// tale is what a report tells for a part of a panel: rows, up to when they are counted, a
// sentence on how they are to be read, and others on what is probably wrong.
type tale struct {
	rows    []row
	counted time.Time
	note    string
	wrong   []string
}

// told asks for the rows of a part.
func (a *asker) told(p *panel, part *part, query url.Values) (*tale, error) {
	if !ofBots(part.report) {
		query = maps.Clone(query)
		query.Set("format", "csv")
	}
	answer, body, err := a.body(a.of(part.report), pathOf(part.report), query)
	if err != nil {
		return nil, err
	}
	out := &tale{counted: answer.CountedUntil}
	sentence := func(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
	if answer.Note != "" {
		out.note = sentence(answer.Note)
	}
	for _, warning := range answer.Warnings {
		out.wrong = append(out.wrong, sentence(warning))
	}
	if ofBots(part.report) {
		out.rows, err = botRows(body, p.group, part.columns[0])
	} else {
		out.rows, err = csvRows(body)
		out.rows = slices.CompactFunc(out.rows, func(x, y row) bool { // of a row with lists there are several lines
			key, _ := keyOf(x, p.group)
			other, _ := keyOf(y, p.group)
			return key == other && x[groups[p.by].property] == y[groups[p.by].property]
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading what %s answers: %w", part.report, err)
	}
	return out, nil
}

// keyOf is what a row is of, as text, and what it is called.
func keyOf(r row, group string) (key, name string) {
	if property := groups[group].property; property != "" {
		key = r[property]
		return key, cmp.Or(r["name"], key)
	}
	if group == inAll {
		return "", ""
	}
	return r["time.from"], r["time.from"]
}

// textOf is a string or a number as text.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
