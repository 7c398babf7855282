package oracle

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	decimalForm = regexp.MustCompile(`^[0-9]+$`)
	numberForm  = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)
)

// compareIDs puts decimal integers first, by value, and then the rest by code point.
func compareIDs(a, b string) int {
	aNumber, bNumber := decimalForm.MatchString(a), decimalForm.MatchString(b)
	switch {
	case aNumber && !bNumber:
		return -1
	case !aNumber && bNumber:
		return 1
	case aNumber:
		x, y := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if n := strings.Compare(x, y); n != 0 {
			return n
		}
	}
	return strings.Compare(a, b)
}

// agentID is an agent's id in an answer: a number if it is written like one.
func agentID(id string) any {
	if numberForm.MatchString(id) {
		n, _ := strconv.ParseFloat(id, 64)
		return n
	}
	return id
}

// ids is every id of a kind of entity that any event names, in order.
func (o *Oracle) ids(kind string) []string {
	return sortedIDs(o.seen[kind])
}

func sortedIDs[T any](set map[string]T) []string {
	var list []string
	for id := range set {
		list = append(list, id)
	}
	slices.SortFunc(list, compareIDs)
	return list
}
