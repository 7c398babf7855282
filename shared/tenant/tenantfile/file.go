// Package tenantfile reads the declarative tenants file. In: YAML. Out: the tenants
// and keys in it, or one line that says where and what to change. It stores nothing.
// It is a package of its own so that the functions, which only look keys up, do not
// carry what reads YAML and expressions.
package tenantfile

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"chatreports/shared/tenant"
)

// document is the shape of the tenants file.
type document struct {
	Tenants []entry `yaml:"tenants"`
}

type entry struct {
	node *yaml.Node // where it stands

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
	Origins        []string              `yaml:"origins"`
	Keys           []key                 `yaml:"keys"`
	Webhooks       []tenant.Webhook      `yaml:"webhooks"`
	KeepPayloads   *string               `yaml:"keepPayloads"`
	Schedules      []tenant.Schedule     `yaml:"schedules"`
}

type key struct {
	node *yaml.Node

	ID     string   `yaml:"id"`
	Secret string   `yaml:"secret"`
	Scopes []string `yaml:"scopes"`
}

func (e *entry) UnmarshalYAML(n *yaml.Node) error {
	type plain entry
	e.node = n
	return n.Decode((*plain)(e))
}

func (k *key) UnmarshalYAML(n *yaml.Node) error {
	type plain key
	k.node = n
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
		return tenant.File{}, syntax(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return tenant.File{}, errors.New("the file holds more than one document; remove what follows '---'")
	}
	if err := check(root.Content[0], reflect.TypeFor[document](), top); err != nil {
		return tenant.File{}, err
	}
	var doc document
	if err := root.Decode(&doc); err != nil {
		return tenant.File{}, oneLine(err)
	}
	return doc.validate()
}

// places is how yaml says where a mistake is.
var places = regexp.MustCompile(`^line \d+: `)

// syntax says where a file is no YAML.
func syntax(err error) error {
	text := oneLine(err).Error()
	place := places.FindString(text)
	return errors.New(place + "this is not YAML: " + strings.TrimPrefix(text, place))
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
