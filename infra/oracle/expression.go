package oracle

import (
	"regexp"
	"strconv"
	"strings"
)

var tokenForm = regexp.MustCompile(`\s*([A-Za-z_][A-Za-z0-9_.]*|[0-9]+\.?[0-9]*|\.[0-9]+|[-+*/()])`)

// evaluate computes + - * / with brackets, numbers and names. A division by 0 is 0,
// and so is an expression that cannot be read.
func evaluate(expression string, figure func(name string) float64) float64 {
	if strings.TrimSpace(tokenForm.ReplaceAllString(expression, "")) != "" {
		return 0
	}
	var tokens []string
	for _, m := range tokenForm.FindAllStringSubmatch(expression, -1) {
		tokens = append(tokens, m[1])
	}
	e := &expressionReader{tokens: tokens, figure: figure}
	v := e.sum()
	if e.broken || len(e.tokens) > 0 {
		return 0
	}
	return v
}

type expressionReader struct {
	tokens []string
	figure func(name string) float64
	broken bool
}

// next takes the next token if it is one of these.
func (e *expressionReader) next(these ...string) string {
	for _, t := range these {
		if len(e.tokens) > 0 && e.tokens[0] == t {
			e.tokens = e.tokens[1:]
			return t
		}
	}
	return ""
}

func (e *expressionReader) sum() float64 {
	v := e.product()
	for {
		switch e.next("+", "-") {
		case "+":
			v += e.product()
		case "-":
			v -= e.product()
		default:
			return v
		}
	}
}

func (e *expressionReader) product() float64 {
	v := e.part()
	for {
		switch e.next("*", "/") {
		case "*":
			v *= e.part()
		case "/":
			if d := e.part(); d == 0 {
				v = 0
			} else {
				v /= d
			}
		default:
			return v
		}
	}
}

func (e *expressionReader) part() float64 {
	switch e.next("-", "+", "(") {
	case "-":
		return -e.part()
	case "+":
		return e.part()
	case "(":
		v := e.sum()
		if e.next(")") == "" {
			e.broken = true
		}
		return v
	}
	if len(e.tokens) == 0 {
		e.broken = true
		return 0
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	switch c := t[0]; {
	case c == '.', '0' <= c && c <= '9':
		v, err := strconv.ParseFloat(t, 64)
		e.broken = e.broken || err != nil
		return v
	case c == ')', c == '*', c == '/':
		e.broken = true
		return 0
	}
	return e.figure(t)
}
