package stack

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ref is !Ref or !GetAtt of a resource.
type ref string

// within is !Sub of what lies under a resource's name: ${Bucket.Arn}/jobs/*.
type within struct{ resource, path string }

// opaque is an intrinsic function that the local system has no use for.
type opaque struct{}

// scope is what intrinsic functions refer to.
type scope struct {
	parameters map[string]any // their defaults
	conditions map[string]bool
}

var under = regexp.MustCompile(`^\$\{(\w+)\.Arn\}(/.*)$`)

// evaluate turns a node into maps, lists, scalars and refs. A !Ref of a parameter is the
// parameter's default, and an !If what holds with those.
func (s *scope) evaluate(n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Tag {
	case "!Ref":
		if v, ok := s.parameters[n.Value]; ok {
			return v
		}
		return ref(n.Value)
	case "!GetAtt":
		name, _, _ := strings.Cut(n.Value, ".")
		return ref(name)
	case "!Sub":
		if m := under.FindStringSubmatch(n.Value); m != nil {
			return within{m[1], m[2]}
		}
	case "!If":
		if s.conditions[n.Content[0].Value] {
			return s.evaluate(n.Content[1])
		}
		return s.evaluate(n.Content[2])
	case "!Equals":
		return s.evaluate(n.Content[0]) == s.evaluate(n.Content[1])
	case "!Not":
		return s.evaluate(n.Content[0]) != true
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return opaque{}
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = s.evaluate(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = s.evaluate(item)
		}
		return list
	}
	var v any
	if n.Decode(&v) != nil {
		return n.Value
	}
	return v
}

// at follows names through maps; nil where there is nothing.
func at(v any, names ...string) any {
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func text(v any, fallback string) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fallback
}

// number reads a number; parameters' defaults may be texts.
func number(v any, fallback int) int {
	switch v := v.(type) {
	case int:
		return v
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return fallback
}

func truth(v any) bool {
	b, _ := v.(bool)
	return b || v == "true"
}
