package insights

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Row is a line or a row of a result: values by field, of members within members with dots.
type Row map[string]value

// value is a text or a number.
type value struct {
	text   string
	number float64
	is     kind
}

type kind uint8

const (
	none kind = iota
	aText
	aNumber
)

// String is the value as a console would show it.
func (v value) String() string {
	if v.is == aNumber {
		return fmt.Sprint(v.number)
	}
	return v.text
}

// Line is a line of a log, of a stream: its fields are the members of the JSON that it is.
func Line(stream, text string) (Row, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return nil, fmt.Errorf("the line %q is no JSON: %w", text, err)
	}
	row := Row{"@message": {text: text, is: aText}, "@logStream": {text: stream, is: aText}}
	row.add("", members)
	return row, nil
}

func (r Row) add(before string, members map[string]json.RawMessage) {
	for name, raw := range members {
		var within map[string]json.RawMessage
		v := value{is: aText}
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &within) == nil:
			r.add(before+name+".", within)
		case json.Unmarshal(raw, &v.text) == nil:
			r[before+name] = v
		case json.Unmarshal(raw, &v.number) == nil:
			v.is = aNumber
			r[before+name] = v
		default:
			v.text = string(raw)
			r[before+name] = v
		}
	}
}

// Run has the rows that a query makes of lines.
func (q *Query) Run(lines []Row) []Row {
	for _, c := range q.commands {
		lines = c.run(lines)
	}
	return lines
}

// condition says whether a row is to stay.
type condition interface {
	holds(r Row) bool
	fields() []string
}

type (
	oneOf []condition
	allOf []condition
)

func (a oneOf) holds(r Row) bool {
	return slices.ContainsFunc(a, func(c condition) bool { return c.holds(r) })
}

func (e allOf) holds(r Row) bool {
	return !slices.ContainsFunc(e, func(c condition) bool { return !c.holds(r) })
}

func (a oneOf) fields() []string { return fieldsOf(a) }
func (e allOf) fields() []string { return fieldsOf(e) }

func fieldsOf(all []condition) (names []string) {
	for _, c := range all {
		names = append(names, c.fields()...)
	}
	return names
}

// comparison is of a field with a text or a number. A row without the field is left out.
type comparison struct {
	field, is string
	quoted    bool
	text      string
	number    float64
}

func (c comparison) fields() []string { return []string{c.field} }

func (c comparison) holds(r Row) bool {
	v := r[c.field]
	var order int
	switch {
	case v.is == aText && c.quoted:
		order = strings.Compare(v.text, c.text)
	case v.is == aNumber && !c.quoted:
		order = cmp.Compare(v.number, c.number)
	default:
		return false
	}
	switch c.is {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

type filter struct{ condition }

func (f filter) makes() []string { return nil }

func (f filter) run(rows []Row) (out []Row) {
	for _, r := range rows {
		if f.holds(r) {
			out = append(out, r)
		}
	}
	return out
}

// parse takes fields out of another.
type parse struct {
	from    string
	to      []string
	pattern *regexp.Regexp
}

func (p parse) fields() []string { return []string{p.from} }
func (p parse) makes() []string  { return p.to }

func (p parse) run(rows []Row) []Row {
	for _, r := range rows {
		found := p.pattern.FindStringSubmatch(r[p.from].text)
		for i, name := range p.to {
			if found != nil {
				r[name] = value{text: found[i+1], is: aText}
			}
		}
	}
	return rows
}

// stats tells numbers of rows, by fields.
type stats struct {
	numbers []number
	by      []string
}

type number struct {
	function, field, title string
	percent                float64
}

func (s stats) fields() (names []string) {
	for _, n := range s.numbers {
		if n.field != "" {
			names = append(names, n.field)
		}
	}
	return append(names, s.by...)
}

func (s stats) makes() []string { return nil }

func (s stats) run(rows []Row) (out []Row) {
	groups := map[string][]Row{}
	var order []string
	for _, r := range rows {
		var name []string
		for _, f := range s.by {
			name = append(name, r[f].String())
		}
		group := strings.Join(name, "\x00")
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], r)
	}
	slices.Sort(order)
	for _, group := range order {
		row := Row{}
		for _, f := range s.by {
			row[f] = groups[group][0][f]
		}
		for _, n := range s.numbers {
			row[n.title] = n.of(groups[group])
		}
		out = append(out, row)
	}
	return out
}

// of is the number of some rows; none, where no row has the field that it is of.
func (n number) of(rows []Row) value {
	if n.field == "" {
		return value{number: float64(len(rows)), is: aNumber}
	}
	var all []float64
	have, sum := 0, 0.
	for _, r := range rows {
		if r[n.field].is != none {
			have++
		}
		if v := r[n.field]; v.is == aNumber {
			all, sum = append(all, v.number), sum+v.number
		}
	}
	switch {
	case n.function == "count":
		return value{number: float64(have), is: aNumber}
	case len(all) == 0:
		return value{}
	case n.function == "sum":
		return value{number: sum, is: aNumber}
	}
	slices.Sort(all)
	return value{number: all[int(math.Ceil(n.percent/100*float64(len(all))))-1], is: aNumber}
}
