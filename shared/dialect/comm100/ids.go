package comm100

import (
	"slices"
	"strconv"
	"strings"
)

// id is an entity's id as JSON has it; null, of none.
func (e entity) id(id string) any {
	switch {
	case id == ofNone:
		return nil
	case e.number:
		return number(id)
	}
	return id
}

// number is an id as a JSON number, if it is a canonical decimal of at most 15 digits.
func number(id string) any {
	if n, ok := decimal(id); ok {
		return n
	}
	return id
}

func decimal(id string) (int64, bool) {
	if len(id) == 0 || len(id) > 15 || id != "0" && id[0] == '0' {
		return 0, false
	}
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil
}

// sortIDs orders ids: decimal integers first by value, then the rest by code point.
func sortIDs(ids map[string]bool) []string {
	out := make([]string, 0, len(ids))
	for id, listed := range ids {
		if listed {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, compareIDs)
	return out
}

func compareIDs(a, b string) int {
	x, xok := digits(a)
	y, yok := digits(b)
	switch {
	case xok && yok && len(x) != len(y):
		return len(x) - len(y)
	case xok && yok && x != y:
		return strings.Compare(x, y)
	case xok != yok:
		if xok {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// digits is a decimal integer of any length, without leading zeros.
func digits(id string) (string, bool) {
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return "", false
	}
	return strings.TrimLeft(id, "0"), true
}
