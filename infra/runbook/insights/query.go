// Package insights reads queries of CloudWatch Logs Insights, as far as our pages have them,
// and runs them on the lines of a log. In: a query, and lines. Out: rows, or where the query
// goes wrong. What it does not know it refuses, so that a page says nothing that nobody has
// tried.
package insights

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Query is a query that was understood.
type Query struct{ commands []command }

// command is one of those between the bars of a query.
type command interface {
	run(rows []Row) []Row
	// fields are those that it takes from the lines, and makes those that it adds to them.
	fields() []string
	makes() []string
}

// Parse reads a query.
func Parse(text string) (*Query, error) {
	r := &reader{tokens: token.FindAllString(text, -1)}
	if left := strings.TrimSpace(token.ReplaceAllString(text, "")); left != "" {
		return nil, fmt.Errorf("%q: %q is nothing that is known here", text, left)
	}
	q := &Query{}
	for {
		c, err := r.command()
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		q.commands = append(q.commands, c)
		if !r.takes("|") {
			break
		}
	}
	if len(r.tokens) > 0 {
		return nil, fmt.Errorf("%q: %q is one too many", text, r.tokens[0])
	}
	return q, nil
}

// Fields are the fields of lines that a query names.
func (q *Query) Fields() (names []string) {
	var made []string
	for _, c := range q.commands {
		for _, f := range c.fields() {
			if !slices.Contains(made, f) && !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
		made = append(made, c.makes()...)
	}
	return names
}

var (
	token  = regexp.MustCompile(`"[^"]*"|[@\w][\w.]*|!=|<=|>=|[=<>|,()*]`)
	field  = regexp.MustCompile(`^@?[A-Za-z_]\w*(\.\w+)*$`)
	quoted = regexp.MustCompile(`^"[^"]*"$`)
)

// keywords are no fields.
var keywords = []string{"and", "or", "not", "as", "by", "filter", "stats", "parse"}

// reader reads a query from left to right.
type reader struct{ tokens []string }

func (r *reader) next() string {
	if len(r.tokens) == 0 {
		return ""
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t
}

func (r *reader) takes(t string) bool {
	if len(r.tokens) == 0 || r.tokens[0] != t {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

func (r *reader) must(t string) error {
	if len(r.tokens) > 0 && r.tokens[0] == t {
		r.tokens = r.tokens[1:]
		return nil
	}
	return fmt.Errorf("there should be %q before %q", t, strings.Join(r.tokens, " "))
}

// name reads the name of a field.
func (r *reader) name() (string, error) {
	t := r.next()
	if !field.MatchString(t) || slices.Contains(keywords, t) {
		return "", fmt.Errorf("%q is not the name of a field", t)
	}
	return t, nil
}

// names reads a list of them.
func (r *reader) names() (all []string, err error) {
	for {
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		all = append(all, name)
		if !r.takes(",") {
			return all, nil
		}
	}
}

func (r *reader) text() (string, error) {
	t := r.next()
	if !quoted.MatchString(t) {
		return "", fmt.Errorf("%q is not in quotation marks", t)
	}
	return strings.Trim(t, `"`), nil
}

func (r *reader) command() (command, error) {
	switch t := r.next(); t {
	case "filter":
		c, err := r.or()
		return filter{c}, err
	case "parse":
		return r.parse()
	case "stats":
		return r.stats()
	default:
		return nil, fmt.Errorf("%q is no command that is known here", t)
	}
}

func (r *reader) or() (condition, error) {
	all, err := r.list("or", r.and)
	return oneOf(all), err
}

func (r *reader) and() (condition, error) {
	all, err := r.list("and", r.comparison)
	return allOf(all), err
}

func (r *reader) list(between string, one func() (condition, error)) (all []condition, err error) {
	for {
		c, err := one()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
		if !r.takes(between) {
			return all, nil
		}
	}
}

func (r *reader) comparison() (condition, error) {
	if r.takes("(") {
		c, err := r.or()
		if err == nil {
			err = r.must(")")
		}
		return c, err
	}
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	c := comparison{field: name, is: r.next()}
	if !slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, c.is) {
		return nil, fmt.Errorf("%q compares nothing", c.is)
	}
	if len(r.tokens) > 0 && !quoted.MatchString(r.tokens[0]) {
		c.number, err = strconv.ParseFloat(r.next(), 64)
		return c, err
	}
	c.quoted = true
	c.text, err = r.text()
	return c, err
}

func (r *reader) parse() (command, error) {
	from, err := r.name()
	if err != nil {
		return nil, err
	}
	glob, err := r.text()
	if err == nil {
		err = r.must("as")
	}
	if err != nil {
		return nil, err
	}
	to, err := r.names()
	if n := strings.Count(glob, "*"); err == nil && n != len(to) {
		err = fmt.Errorf("%q has %d asterisks for %d names", glob, n, len(to))
	}
	return parse{from, to, pattern(glob)}, err
}

// pattern has a group for each asterisk, as short as can be, the last as long as can be.
func pattern(glob string) *regexp.Regexp {
	parts := strings.Split(regexp.QuoteMeta(glob), `\*`)
	text := strings.Join(parts, "(.*?)")
	if strings.HasSuffix(glob, "*") {
		text += "$"
	}
	return regexp.MustCompile(text)
}

func (r *reader) stats() (command, error) {
	var s stats
	for {
		n, err := r.number()
		if err != nil {
			return nil, err
		}
		s.numbers = append(s.numbers, n)
		if !r.takes(",") {
			break
		}
	}
	var err error
	if r.takes("by") {
		s.by, err = r.names()
	}
	return s, err
}

// number reads what stats tells: count(*), sum(x), pct(x, 90).
func (r *reader) number() (n number, err error) {
	n.function = r.next()
	if !slices.Contains([]string{"count", "sum", "pct"}, n.function) {
		return n, fmt.Errorf("%q is no function that is known here", n.function)
	}
	if err := r.must("("); err != nil {
		return n, err
	}
	n.title = n.function + "(*)"
	if n.function != "count" || !r.takes("*") {
		if n.field, err = r.name(); err != nil {
			return n, err
		}
		n.title = n.function + "(" + n.field + ")"
	}
	if n.function == "pct" {
		if err := r.must(","); err != nil {
			return n, err
		}
		percent := r.next()
		if n.percent, err = strconv.ParseFloat(percent, 64); err != nil || n.percent <= 0 || n.percent > 100 {
			return n, fmt.Errorf("%q is no percentage", percent)
		}
		n.title = fmt.Sprintf("pct(%s, %s)", n.field, percent)
	}
	return n, r.must(")")
}
