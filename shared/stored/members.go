package stored

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Members lists what the structures of some types are stored as, and all structures
// within them: a line for each member, with the structure, the key in a map or the
// place in an array, the member's name and what it holds.
func Members(types ...reflect.Type) []string {
	l := &lister{seen: map[reflect.Type]bool{}}
	for _, t := range types {
		l.holds(t)
	}
	return l.lines
}

type lister struct {
	seen  map[reflect.Type]bool
	lines []string
}

// holds says what a value of a type is stored as.
func (l *lister) holds(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return l.holds(t.Elem()) + " or null"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "list of " + l.holds(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct:
		l.structure(t)
		return t.Name()
	}
	if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 {
		return "number from 0"
	}
	return "number"
}

func (l *lister) structure(t reflect.Type) {
	if l.seen[t] {
		return
	}
	l.seen[t] = true
	at := len(l.lines) // before what is within it
	var own []string
	for f := range t.Fields() {
		if !stores(f) {
			continue
		}
		key := fmt.Sprint(keyOf(f))
		if isArray(t) {
			key = fmt.Sprintf("[%d]", len(own))
		}
		own = append(own, strings.Join([]string{t.Name(), key, f.Name, l.holds(f.Type)}, " "))
	}
	l.lines = slices.Insert(l.lines, at, own...)
}
