package drift

import (
	"cmp"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/document"
	"chatreports/shared/nearest"
)

// predicate says whether a conversation matches.
type predicate func(d *document.Document) bool

// Operations. Those that take several values take as many as there are; the others the
// first, and BETWEEN the first two.
const (
	opEQ             = "EQ"
	opNotEQ          = "NOT_EQ"
	opGT             = "GT"
	opGTE            = "GTE"
	opLT             = "LT"
	opLTE            = "LTE"
	opIn             = "IN"
	opNotIn          = "NOT_IN"
	opBetween        = "BETWEEN"
	opHasProperty    = "HAS_PROPERTY"
	opNotHasProperty = "NOT_HAS_PROPERTY"
	opContains       = "CONTAINS"
	opNotContains    = "NOT_CONTAINS"
)

var (
	ofAll    = []string{opEQ, opNotEQ, opIn, opNotIn, opHasProperty, opNotHasProperty}
	ofRanges = slices.Concat(ofAll, []string{opGT, opGTE, opLT, opLTE, opBetween})
	ofTexts  = slices.Concat(ofAll, []string{opContains, opNotContains})
	// operations are those that each kind of property takes.
	operations = [...][]string{number: ofRanges, moment: ofRanges, id: ofRanges, truth: ofAll, text: ofTexts, list: ofTexts}
	everyOne   = slices.Concat(ofRanges, []string{opContains, opNotContains})
)

// compile makes a predicate of a filter. where names it in a refusal.
func (f *filter) compile(where string) (predicate, *dialect.Refusal) {
	p := find(f.Property)
	switch {
	case f.Property == "":
		return nil, wrongQuery(where+".property", "it is missing; one of %s", strings.Join(names(false), ", "))
	case p == nil:
		return nil, wrongQuery(where+".property", "%s%q is no property; one of %s", nearest.Hint(f.Property, names(false)), dialect.Clip(f.Property), strings.Join(names(false), ", "))
	case !slices.Contains(everyOne, f.Operation):
		return nil, wrongQuery(where+".operation", "%s%q is no operation; one of %s", nearest.Hint(f.Operation, everyOne), dialect.Clip(f.Operation), strings.Join(everyOne, ", "))
	case !slices.Contains(operations[p.kind], f.Operation):
		return nil, wrongQuery(where+".operation", "%s is %s, which %s does not fit; one of %s", p.name, kindNames[p.kind], f.Operation, strings.Join(operations[p.kind], ", "))
	}
	values := f.Values
	switch f.Operation {
	case opHasProperty, opNotHasProperty:
		values = nil
	case opBetween:
		if len(values) < 2 {
			return nil, wrongQuery(where+".values", "BETWEEN takes two values")
		}
		values = values[:2]
	case opIn, opNotIn:
		if len(values) == 0 {
			return nil, wrongQuery(where+".values", "%s takes one value or more", f.Operation)
		}
	default:
		if len(values) == 0 {
			return nil, wrongQuery(where+".values", "%s takes a value", f.Operation)
		}
		values = values[:1]
	}
	positive, negated := strings.CutPrefix(f.Operation, "NOT_")
	match, refused := p.predicate(positive, values, where)
	if negated && refused == nil {
		return func(d *document.Document) bool { return !match(d) }, nil
	}
	return match, refused
}

// predicate makes one of a positive operation: what a conversation does not have matches
// none.
func (p *property) predicate(operation string, values []json.RawMessage, where string) (predicate, *dialect.Refusal) {
	switch ranges := operation != opEQ && operation != opIn && operation != opHasProperty; {
	case p.kind <= moment:
		return p.numbers(operation, values, where)
	case p.kind == id && ranges:
		return p.numericIDs(operation, values, where)
	}
	wanted, last := map[string]bool{}, ""
	for i, raw := range values {
		v, reason := p.textOf(raw)
		if reason != "" {
			return nil, wrongQuery(value(where, i), "%s is %s", p.name, reason)
		}
		wanted[v], last = true, v
	}
	fits := func(s string) bool { return wanted[s] }
	switch operation {
	case opContains:
		fits = func(s string) bool { return strings.Contains(s, last) }
	case opHasProperty:
		fits = func(string) bool { return true }
	}
	if p.kind == list {
		return func(d *document.Document) bool { return slices.ContainsFunc(p.list(d), fits) }, nil
	}
	return func(d *document.Document) bool {
		s := p.text(d)
		return s != "" && fits(s)
	}, nil
}

// numbers makes a predicate of numbers and times.
func (p *property) numbers(operation string, values []json.RawMessage, where string) (predicate, *dialect.Refusal) {
	wanted := make([]float64, len(values))
	for i, raw := range values {
		f, ok := p.numberOf(raw)
		if !ok {
			right := "a number"
			if p.kind == moment {
				right = "milliseconds since 1970, or a date of the form YYYY-MM-DD that exists"
			}
			return nil, wrongQuery(value(where, i), "%s is no value of %s: %s", dialect.Clip(string(raw)), p.name, right)
		}
		wanted[i] = f
	}
	fits := compare(operation, wanted)
	return func(d *document.Document) bool {
		n, ok := p.whole(d)
		return ok && fits(float64(n))
	}, nil
}

// numericIDs makes a predicate of ids compared as numbers, exactly: one that is none is in no
// range.
func (p *property) numericIDs(operation string, values []json.RawMessage, where string) (predicate, *dialect.Refusal) {
	wanted := make([]exact, len(values))
	for i, raw := range values {
		f, ok := p.numberOf(raw)
		if !ok {
			return nil, wrongQuery(value(where, i), "%s is no number, and %s compares ids as numbers", dialect.Clip(string(raw)), operation)
		}
		wanted[i] = exactly(raw, f)
	}
	fits := within(operation, wanted, exact.compare)
	return func(d *document.Document) bool {
		id := p.text(d)
		f, ok := numeric(id)
		return ok && fits(exact{f, id})
	}, nil
}

// compare makes a predicate of numbers of which every one is a float64.
func compare(operation string, wanted []float64) func(float64) bool {
	switch operation {
	case opHasProperty:
		return func(float64) bool { return true }
	case opEQ, opIn:
		in := map[float64]bool{}
		for _, f := range wanted {
			in[f] = true
		}
		return func(f float64) bool { return in[f] }
	}
	return within(operation, wanted, cmp.Compare)
}

// within makes a predicate of what is in a range.
func within[T any](operation string, wanted []T, order func(a, b T) int) func(T) bool {
	switch operation {
	case opGT:
		return func(v T) bool { return order(v, wanted[0]) > 0 }
	case opGTE:
		return func(v T) bool { return order(v, wanted[0]) >= 0 }
	case opLT:
		return func(v T) bool { return order(v, wanted[0]) < 0 }
	case opLTE:
		return func(v T) bool { return order(v, wanted[0]) <= 0 }
	}
	return func(v T) bool { return order(wanted[0], v) <= 0 && order(v, wanted[1]) <= 0 } // BETWEEN
}

func value(where string, i int) string { return where + ".values[" + strconv.Itoa(i) + "]" }

var (
	decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	date    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// numberOf reads a number, its decimal text, or of a time a date: its midnight in UTC.
func (p *property) numberOf(raw json.RawMessage) (float64, bool) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		var n json.Number
		if json.Unmarshal(raw, &n) != nil || n == "" {
			return 0, false
		}
		f, err := strconv.ParseFloat(n.String(), 64)
		return f, err == nil && !math.IsInf(f, 0)
	}
	if p.kind == moment && date.MatchString(s) {
		t, err := time.Parse(time.DateOnly, s)
		return float64(t.UnixMilli()), err == nil
	}
	return numeric(s)
}

// textOf reads a text, of an id also a number, of a truth value also true or false. reason
// says what would be right.
func (p *property) textOf(raw json.RawMessage) (value, reason string) {
	var s string
	isText := string(raw) != "null" && json.Unmarshal(raw, &s) == nil
	switch {
	case p.kind == truth:
		if !isText {
			s = string(raw)
		}
		if s != "true" && s != "false" {
			return "", "true or false"
		}
	case isText:
	case p.kind == id || p.kind == list && p.name != "tags":
		var n json.Number
		if json.Unmarshal(raw, &n) != nil || n == "" {
			return "", "an id: a text or a number"
		}
		s = n.String()
		if f, err := n.Float64(); err == nil {
			if whole := exactly(raw, f).rat(); whole.IsInt() {
				s = whole.Num().String()
			}
		}
	default:
		return "", "a text: write it in quotes"
	}
	return s, ""
}
