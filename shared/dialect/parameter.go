package dialect

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/calendar"
)

// Parameter declares a parameter of a request: the same declaration reads it, names
// it where another is refused, and describes it in documents.
type Parameter struct {
	Name string
	Kind Kind
	// Required: a request without it is refused.
	Required bool
	// Repeatable: it may be given several times.
	Repeatable bool
	// Values are those possible; nil: they cannot be listed.
	Values []string
	// Spellings are other ways to write a value that are taken.
	Spellings map[string]string
	// Least and Most bound a Number.
	Least, Most int
	// About says in half a sentence what it is.
	About string
}

// Kind is what a parameter's text stands for.
type Kind uint8

// Kinds. Of a Text any is possible, or Values are.
const (
	Text   Kind = iota
	Number      // a whole number from Least to Most
	Flag        // true or false
	Zone        // ±hh:mm or an IANA name
	Time        // a moment or a wall time: see Values.Range
	List        // texts with commas between them
)

// Naming asks for names.
var Naming = Parameter{Name: "names", Kind: Flag, About: "beside each id the newest name of what it is of, in a property of its own"}

// Parameters are those that a request may have.
type Parameters []Parameter

// Names lists them.
func (ps Parameters) Names() []string {
	names := make([]string, len(ps))
	for i := range ps {
		names[i] = ps[i].Name
	}
	return names
}

// Without is the parameters without some.
func (ps Parameters) Without(names ...string) Parameters {
	return slices.DeleteFunc(slices.Clone(ps), func(p Parameter) bool { return slices.Contains(names, p.Name) })
}

// Values are the parameters of one request, as declared. One that is empty was not
// given.
type Values struct{ given map[string][]string }

// Read reads what the parameters declare; anything else is refused.
func (ps Parameters) Read(query url.Values) (*Values, *Refusal) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(ps.Names(), name) {
			return nil, Unknown(name, ps.Names())
		}
	}
	v := &Values{given: map[string][]string{}}
	for i := range ps {
		p := &ps[i]
		texts := slices.DeleteFunc(slices.Clone(query[p.Name]), func(s string) bool { return s == "" })
		switch {
		case len(query[p.Name]) > 1 && !p.Repeatable:
			return nil, Invalid(p.Name, "it is given %d times; give it once", len(query[p.Name]))
		case len(texts) == 0 && p.Required:
			return nil, Missing(p.Name, p.Values...)
		}
		for i, text := range texts {
			if other, ok := p.Spellings[text]; ok {
				texts[i] = other
			}
			if refused := p.check(texts[i]); refused != nil {
				return nil, refused
			}
		}
		v.given[p.Name] = texts
	}
	return v, nil
}

// flags are the values of a Flag.
var flags = []string{"true", "false"}

// check refuses a text that is none of the parameter's values.
func (p *Parameter) check(text string) *Refusal {
	switch {
	case p.Values != nil && !slices.Contains(p.Values, text):
		return NoneOf(p.Name, text, p.Values)
	case p.Kind == Flag && !slices.Contains(flags, text):
		return NoneOf(p.Name, text, flags)
	case p.Kind == Zone:
		if _, err := calendar.ParseZone(text); err != nil {
			return Invalid(p.Name, "%s", err)
		}
	case p.Kind == Number:
		if n, err := whole(text); err != nil || n < p.Least || n > p.Most {
			return Invalid(p.Name, "%q is no whole number from %d to %d", Clip(text), p.Least, p.Most)
		}
	}
	return nil
}

// Text is a parameter's text, empty if it was not given.
func (v *Values) Text(name string) string {
	if texts := v.given[name]; len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// All is every text that a repeatable parameter was given.
func (v *Values) All(name string) []string { return v.given[name] }

// List is the texts between the commas of a List, without empty ones.
func (v *Values) List(name string) []string {
	return slices.DeleteFunc(strings.Split(v.Text(name), ","), func(s string) bool { return s == "" })
}

// Flag is whether a Flag is true; one that was not given is not.
func (v *Values) Flag(name string) bool { return v.Text(name) == "true" }

// Number is a Number, or another if it was not given.
func (v *Values) Number(name string, otherwise int) int {
	if n, err := whole(v.Text(name)); err == nil {
		return n
	}
	return otherwise
}

// whole reads a whole number; an unencoded + before it arrives as a space.
func whole(text string) (int, error) {
	if rest, spaced := strings.CutPrefix(text, " "); spaced {
		text = "+" + rest
	}
	return strconv.Atoi(text)
}

// Zone is a Zone, UTC if it was not given.
func (v *Values) Zone(name string) calendar.Zone {
	zone, err := calendar.ParseZone(v.Text(name))
	if err != nil {
		panic("dialect: an unchecked zone: " + err.Error())
	}
	return zone
}
