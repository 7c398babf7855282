// Package tenantfile reads the declarative tenants file. In: YAML. Out: the tenants
// and keys in it, or one line that says where and what to change. It stores nothing.
// It is a package of its own so that the functions, which only look keys up, do not
// carry what reads YAML and expressions.
package tenantfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"chatreports/shared/tenant"
)

// document is the shape of the tenants file.
type document struct {
	Tenants []entry `yaml:"tenants"`
}

type entry struct {
	line int

	ID             string                `yaml:"id"`
	Name           string                `yaml:"name"`
	Zone           string                `yaml:"zone"`
	Edition        string                `yaml:"edition"`
	AutoAllocation *bool                 `yaml:"autoAllocation"`
	Chatbot        *bool                 `yaml:"chatbot"`
	BusinessHours  map[string][]string   `yaml:"businessHours"`
	Holidays       []string              `yaml:"holidays"`
	CustomMetrics  []tenant.CustomMetric `yaml:"customMetrics"`
	Links          tenant.Links          `yaml:"links"`
	Keys           []key                 `yaml:"keys"`
	Webhooks       []tenant.Webhook      `yaml:"webhooks"`
}

type key struct {
	line int

	ID     string   `yaml:"id"`
	Secret string   `yaml:"secret"`
	Scopes []string `yaml:"scopes"`
}

func (e *entry) UnmarshalYAML(n *yaml.Node) error {
	type plain entry
	e.line = n.Line
	return n.Decode((*plain)(e))
}

func (k *key) UnmarshalYAML(n *yaml.Node) error {
	type plain key
	k.line = n.Line
	return n.Decode((*plain)(k))
}

// Parse reads a tenants file. The error is one line that says where and what to
// change; it never holds a secret.
func Parse(raw []byte) (tenant.File, error) {
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return tenant.File{}, errors.New("the file is empty; it should begin with 'tenants:'")
		}
		return tenant.File{}, oneLine(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return tenant.File{}, errors.New("the file holds more than one document; remove what follows '---'")
	}
	if err := checkFields(root.Content[0], reflect.TypeFor[document]()); err != nil {
		return tenant.File{}, err
	}
	var doc document
	if err := root.Decode(&doc); err != nil {
		return tenant.File{}, oneLine(err)
	}
	return doc.validate()
}

// checkFields refuses mappings with fields that the type does not have. (yaml's
// own KnownFields does not reach through the decoders that keep the lines.)
func checkFields(n *yaml.Node, t reflect.Type) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			if err := checkFields(item, t.Elem()); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct && n.Kind == yaml.MappingNode:
		fields := map[string]reflect.Type{}
		var names []string
		for field := range t.Fields() {
			if name := field.Tag.Get("yaml"); name != "" {
				fields[name] = field.Type
				names = append(names, name)
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			field, ok := fields[name.Value]
			switch {
			case name.Value == "<<": // an alias is checked where its anchor is
				field = t
				if n.Content[i+1].Kind != yaml.MappingNode {
					continue
				}
			case !ok:
				return fmt.Errorf("line %d: unknown field %q; there are %s", name.Line, name.Value, strings.Join(names, ", "))
			}
			if err := checkFields(n.Content[i+1], field); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct:
		return fmt.Errorf("line %d: there should be fields here, such as 'name: value'", n.Line)
	case t.Kind() == reflect.Slice && n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		return fmt.Errorf("line %d: there should be a list here, such as [a, b]", n.Line)
	}
	return nil
}

// oneLine makes one line of yaml's errors, of which there may be many.
func oneLine(err error) error {
	var wrong *yaml.TypeError
	text := err.Error()
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		text = wrong.Errors[0]
		if i := strings.Index(text, "`"); i >= 0 { // quotes the value, which may be a secret
			if j := strings.LastIndex(text, "`"); j > i {
				text = text[:i] + "this" + text[j+1:]
			}
		}
	}
	text = strings.TrimPrefix(text, "yaml: ")
	for tag, word := range map[string]string{"!!str": "the text", "!!map": "the fields", "!!seq": "the list", "!!int": "the number", "!!bool": "the truth value"} {
		text = strings.ReplaceAll(text, tag, word)
	}
	return errors.New(strings.Join(strings.Fields(text), " "))
}

func quoted(names []string) string {
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = "'" + n + "'"
	}
	return strings.Join(names, ", ")
}
