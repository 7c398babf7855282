package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"chatreports/shared/dialect"
	"chatreports/shared/nearest"
)

// body is a query as it is sent. sort, limit and cursor are ours.
type body struct {
	Filters []json.RawMessage `json:"filters"`
	Metrics []json.RawMessage `json:"metrics"`
	Sort    string            `json:"sort"`
	Limit   *float64          `json:"limit"`
	Cursor  string            `json:"cursor"`
}

// mostLimit is the largest limit.
const mostLimit = 10_000

func readBody(raw []byte) (b body, refused *dialect.Refusal) {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
		return b, wrongQuery("body", `a JSON object is wanted: {"filters": [{"property", "operation", "values"}], "metrics": ["…"]}`)
	}
	if !utf8.Valid(raw) {
		return b, wrongQuery("body", "it is not UTF-8, as JSON is")
	}
	return b, strictly(raw, &b, "body", "filters", "metrics", "sort", "limit", "cursor")
}

// limit is how many conversations are wanted at most, 0 for all; 5.0 is a whole number too.
func (b *body) limit() (int, *dialect.Refusal) {
	if b.Limit == nil {
		return 0, nil
	}
	if f := *b.Limit; f < 1 || f > mostLimit || f != math.Trunc(f) {
		return 0, wrongQuery("limit", "%v is no whole number from 1 to %d", f, mostLimit)
	}
	return int(*b.Limit), nil
}

// readMetric reads a name, or an object with the member property; its other members, of
// an older form of the API, are not looked at.
func readMetric(raw json.RawMessage, where string) (metric, *dialect.Refusal) {
	object, refused := members(raw, where)
	if refused != nil {
		return metric{}, refused
	}
	if object != nil {
		raw = object["property"]
	}
	var name string
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &name) != nil {
		return metric{}, wrongQuery(where, `the name of a property is wanted, or {"property": name}`)
	}
	p := find(name)
	if p != nil && !p.isMetric() {
		return metric{}, wrongQuery(where, "%s cannot be a metric, only a filter; metrics are numeric: %s", p.name, strings.Join(names(true), ", "))
	}
	return metric{name, p}, nil
}

// strictly reads one JSON object, and refuses members of other names.
func strictly(raw []byte, into any, where string, known ...string) *dialect.Refusal {
	object, refused := members(raw, where)
	if refused != nil {
		return refused
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(known, name) {
			last := len(known) - 1
			return wrongQuery(where, "there is no member %q; %sit has %s and %s", dialect.Clip(name), nearest.Hint(name, known), strings.Join(known[:last], ", "), known[last])
		}
	}
	err := json.Unmarshal(raw, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field != "" {
			where += "." + wrong.Field
		}
		return wrongQuery(where, "there should be %s, and not what JSON calls %s", wanted[wrong.Type.Kind().String()], wrong.Value)
	}
	if err != nil {
		return wrongQuery(where, "it cannot be read as JSON")
	}
	return nil
}

// wanted says in words what should stand in place of something else.
var wanted = map[string]string{"slice": "a list", "struct": "an object", "string": "a text", "float64": "a whole number"}

// members are those of a JSON object, by their exact names, each once: encoding/json would
// take a name in any case of letters, and of two the last. Of what is no object there are none.
func members(raw []byte, where string) (map[string]json.RawMessage, *dialect.Refusal) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, nil
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return nil, wrongQuery(where, "it cannot be read as JSON")
		}
		if _, twice := out[name]; twice {
			return nil, wrongQuery(where, "the member %q is there twice", dialect.Clip(name))
		}
		out[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, wrongQuery(where, "it cannot be read as JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, wrongQuery(where, "something follows the JSON object")
	}
	return out, nil
}
