package tenantfile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"chatreports/shared/nearest"
)

// check refuses what has not the shape of the type: unknown fields, fields that are
// there twice, values of another type. where is what n is, for the message. (yaml's
// own KnownFields does not reach through the decoders that keep the nodes, and its
// own errors speak of its types.)
func check(n *yaml.Node, t reflect.Type, where string) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	none := n.Kind == yaml.ScalarNode && n.Tag == "!!null"
	wrong := func(right string) error {
		return fmt.Errorf("line %d: %s is %s; it should be %s", n.Line, where, found(n), right)
	}
	switch t.Kind() {
	case reflect.Struct:
		if n.Kind != yaml.MappingNode {
			return wrong("fields, such as 'id: acme'")
		}
		return checkStruct(n, t, where)
	case reflect.Slice:
		switch {
		case none:
			return nil
		case n.Kind != yaml.SequenceNode:
			return wrong("a list, such as [a, b]")
		}
		for _, item := range n.Content {
			if err := check(item, t.Elem(), inside(where, item)); err != nil {
				return err
			}
		}
	case reflect.Map:
		switch {
		case none:
			return nil
		case n.Kind != yaml.MappingNode:
			if t.Elem().Kind() == reflect.String {
				return wrong("fields, such as {group: agent}")
			}
			return wrong("fields, such as {mon: [\"09:00-17:00\"]}")
		}
		return pairs(n, where, func(name, value *yaml.Node) error {
			return check(value, t.Elem(), where+": "+name.Value)
		})
	case reflect.Bool:
		var v bool
		if !none && n.Decode(&v) != nil {
			if n.Kind == yaml.ScalarNode {
				return fmt.Errorf("line %d: %s is %q; it should be true or false", n.Line, where, clip(n.Value))
			}
			return wrong("true or false")
		}
	default:
		if n.Kind != yaml.ScalarNode {
			return wrong("a text")
		}
	}
	return nil
}

func checkStruct(n *yaml.Node, t reflect.Type, where string) error {
	fields := map[string]reflect.Type{}
	var names []string
	for field := range t.Fields() {
		if name := field.Tag.Get("yaml"); name != "" {
			fields[name] = field.Type
			names = append(names, name)
		}
	}
	return pairs(n, where, func(name, value *yaml.Node) error {
		field, ok := fields[name.Value]
		switch {
		case name.Value == "<<" && value.Kind == yaml.MappingNode:
			return checkStruct(value, t, where)
		case name.Value == "<<": // an alias is checked where its anchor is
			return nil
		case !ok:
			return fmt.Errorf("line %d: unknown field %q; %sthere are %s", name.Line, clip(name.Value), nearest.Hint(name.Value, names), strings.Join(names, ", "))
		case where == top:
			return check(value, field, name.Value)
		}
		return check(value, field, where+": "+name.Value)
	})
}

// pairs visits the fields of a mapping, each of which has one name.
func pairs(n *yaml.Node, where string, visit func(name, value *yaml.Node) error) error {
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind == yaml.AliasNode {
			name = name.Alias
		}
		if name.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: the name of a field of %s is %s; it should be a text", name.Line, where, found(name))
		}
		if first := lines[name.Value]; first > 0 {
			return fmt.Errorf("line %d: %s has %q twice, first on line %d; keep one", name.Line, where, clip(name.Value), first)
		}
		lines[name.Value] = name.Line
		if err := visit(name, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// top is where the whole file is.
const top = "the file"

// kinds are what entries of lists are called.
var kinds = map[string]string{"tenants": "tenant", "keys": "key", "customMetrics": "custom metric", "webhooks": "webhook", "schedules": "schedule"}

// inside is the place of an entry of the list that is at a place.
func inside(where string, entry *yaml.Node) string {
	before, list := "", where
	if i := strings.LastIndex(where, ": "); i >= 0 {
		before, list = where[:i+2], where[i+2:]
	}
	kind, ok := kinds[list]
	if !ok {
		return before + "an entry of " + list
	}
	if entry.Kind == yaml.AliasNode {
		entry = entry.Alias
	}
	if id := member(entry, "id"); id != nil && id.Kind == yaml.ScalarNode {
		return before + kind + " " + strconv.Quote(clip(id.Value))
	}
	return before + "a " + kind
}

// found says what a node is, without its value, which may be a secret.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a set of fields"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a truth value"
	}
	return "a text"
}

// member is the value of a field, merged ones included; nil if there is none.
func member(n *yaml.Node, name string) *yaml.Node {
	for ; n != nil && n.Kind == yaml.AliasNode; n = n.Alias {
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// line is where something inside a node stands: a field by its name, an entry of a
// list by its number. Where it is not there, as with what is merged, it is the line
// of what it would be in.
func line(n *yaml.Node, path ...any) int {
	at := n.Line
	for _, step := range path {
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		switch step := step.(type) {
		case string:
			n = member(n, step)
		case int:
			if n.Kind != yaml.SequenceNode || step >= len(n.Content) {
				return at
			}
			n = n.Content[step]
		}
		if n == nil {
			return at
		}
		at = n.Line
	}
	return at
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func quoted(names []string) string {
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = "'" + n + "'"
	}
	return strings.Join(names, ", ")
}
