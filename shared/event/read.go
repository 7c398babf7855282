package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"chatreports/shared/nearest"
)

// reader reads the data of one event by the tables: members by their exact names, at
// every depth. (encoding/json takes a name in any case of letters, and so ID for id.)
// What is known is written again as JSON that can be read into Data as it stands.
type reader struct {
	typ      string
	known    []byte
	warnings []Warning
	more     int // unknown members beyond those listed
}

// object reads one object. rest is what it holds besides, nil if nothing.
func (r *reader) object(path string, raw json.RawMessage, specs []memberSpec) (rest any, refusal *Refusal) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, wrongType(path, raw, "an object {"+outline(specs)+"}")
	}
	var others map[string]any
	add := func(name string, v any) {
		if v == nil {
			return
		}
		if others == nil {
			others = map[string]any{}
		}
		others[name] = v
	}
	r.known = append(r.known, '{')
	found := 0
	for i := range specs {
		m := &specs[i]
		v, ok := members[m.name]
		if ok {
			found++
		}
		if !ok || isNull(v) {
			if m.required {
				return nil, missing(path+".", m.name, " by "+r.typ+": "+m.expect(), members, names(specs))
			}
			continue
		}
		if last := r.known[len(r.known)-1]; last != '{' {
			r.known = append(r.known, ',')
		}
		r.known = append(append(append(r.known, '"'), m.name...), '"', ':')
		within, refusal := r.member(path+"."+m.name, v, m)
		if refusal != nil {
			return nil, refusal
		}
		add(m.name, within)
	}
	r.known = append(r.known, '}')
	if found < len(members) {
		known := names(specs)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains(known, name) {
				r.warn(path, name, known)
				add(name, decoded(members[name]))
			}
		}
	}
	if others == nil {
		return nil, nil
	}
	return others, nil
}

// expect says what a member should be.
func (m *memberSpec) expect() string {
	if m.shape.most > 0 {
		return fmt.Sprintf("an array of at most %d, each %s", m.shape.most, m.each())
	}
	return m.each()
}

// each says what a member's value should be, or each of its values.
func (m *memberSpec) each() string {
	if len(m.enum) > 0 {
		return "one of " + strings.Join(m.enum, ", ")
	}
	return m.shape.expect()
}

func (r *reader) member(path string, raw json.RawMessage, m *memberSpec) (rest any, refusal *Refusal) {
	if m.shape.most == 0 {
		return r.value(path, raw, m)
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil, wrongType(path, raw, m.expect())
	}
	if n := len(elements); n > m.shape.most {
		return nil, refuse(CodeTooMany, path, "has %d elements; at most %d are taken", n, m.shape.most)
	}
	one := memberSpec{name: m.name, required: true, shape: m.shape}
	rests, any := make([]any, len(elements)), false
	r.known = append(r.known, '[')
	for i, e := range elements {
		if i > 0 {
			r.known = append(r.known, ',')
		}
		if rests[i], refusal = r.value(fmt.Sprintf("%s[%d]", path, i), e, &one); refusal != nil {
			return nil, refusal
		}
		any = any || rests[i] != nil
	}
	r.known = append(r.known, ']')
	if !any {
		return nil, nil
	}
	return rests, nil
}

// value reads one value that is no list.
func (r *reader) value(path string, raw json.RawMessage, m *memberSpec) (rest any, refusal *Refusal) {
	wrong := func() *Refusal { return wrongType(path, raw, m.each()) }
	switch m.shape.kind {
	case truth:
		if s := string(raw); s != "true" && s != "false" {
			return nil, wrong()
		}
		r.known = append(r.known, raw...)
		return nil, nil
	case whole:
		n, ok := wholeNumber(string(raw))
		switch {
		case !ok:
			return nil, wrong()
		case n < m.shape.low || n > m.shape.high:
			return nil, refuse(CodeInvalidValue, path, "is %d; it should be from %d to %d", n, m.shape.low, m.shape.high)
		}
		r.known = strconv.AppendInt(r.known, n, 10)
		return nil, nil
	case decimal:
		var d Decimal
		if d.UnmarshalJSON(raw) != nil {
			return nil, wrong()
		}
		r.known = append(r.known, d.String()...)
		return nil, nil
	case actorOr:
		if string(raw) == `"auto"` {
			r.known = append(r.known, `{"type":"auto"}`...)
			return nil, nil
		}
		fallthrough
	case object:
		if raw[0] != '{' {
			return nil, wrong()
		}
		return r.structure(path, raw, m)
	case anything:
		switch raw[0] {
		case '{', '[':
			return nil, wrong()
		case '"':
		default:
			raw = slices.Concat([]byte{'"'}, raw, []byte{'"'})
		}
	}
	return nil, r.text(path, raw, m, wrong)
}

// structure reads an object within data, and what must hold between its members.
func (r *reader) structure(path string, raw json.RawMessage, m *memberSpec) (rest any, refusal *Refusal) {
	rest, refusal = r.object(path, raw, structures[m.shape.object])
	if refusal != nil || m.shape.object != "route" {
		return rest, refusal
	}
	var route struct{ Type, ID string }
	begin := bytes.LastIndexByte(r.known, '{') // it holds no objects
	if json.Unmarshal(r.known[begin:], &route) == nil && route.Type != "site" && route.ID == "" {
		var members map[string]json.RawMessage
		_ = json.Unmarshal(raw, &members)
		return nil, missing(path+".", "id", " for a queue of a "+route.Type+": a string", members, names(structures["route"]))
	}
	return rest, nil
}

// text reads a string.
func (r *reader) text(path string, raw json.RawMessage, m *memberSpec, wrong func() *Refusal) *Refusal {
	var s string
	if json.Unmarshal(raw, &s) != nil || isNull(raw) {
		return wrong()
	}
	if len(m.enum) > 0 && !slices.Contains(m.enum, s) {
		return refuse(CodeInvalidValue, path, "is %q; %sit should be one of %s", clip(s), nearest.Hint(s, m.enum), strings.Join(m.enum, ", "))
	}
	switch k := m.shape.kind; {
	case k == identifier && s == "" && m.shape.most > 0:
		return refuse(CodeInvalidValue, path, "is empty; it should be an id")
	case k == identifier && s == "" && m.required:
		return refuse(CodeMissingField, path, "is required by %s: it is empty", r.typ)
	case k == identifier && len(s) > MaxIDBytes:
		return refuse(CodeIDTooLong, path, "has %d bytes; an id has at most %d", len(s), MaxIDBytes)
	case k == sourceOf && len(s) > MaxSourceBytes:
		return refuse(CodeIDTooLong, path, "has %d bytes; at most %d are taken", len(s), MaxSourceBytes)
	case k == status && s == "":
		return refuse(CodeInvalidValue, path, "is empty; it should be online, away, offline or the name of a custom status")
	case k == status:
		for _, known := range Statuses {
			if strings.EqualFold(s, known) {
				raw = []byte(`"` + known + `"`)
			}
		}
	}
	r.known = append(r.known, raw...)
	return nil
}

// decoded is any JSON value, numbers as they are written.
func decoded(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || v == nil {
		return json.RawMessage("null")
	}
	return v
}

// halfIn is the path of a string with half of a surrogate pair, within raw.
func halfIn(path string, raw json.RawMessage) (string, bool) {
	if !halfPair(raw) {
		return "", false
	}
	switch raw[0] {
	case '{':
		var members map[string]json.RawMessage
		_ = json.Unmarshal(raw, &members)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if p, ok := halfIn(path+"."+clip(name), members[name]); ok {
				return p, true
			}
		}
	case '[':
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements)
		for i, e := range elements {
			if p, ok := halfIn(fmt.Sprintf("%s[%d]", path, i), e); ok {
				return p, true
			}
		}
	}
	return path, true // it, or the name of a member
}

// halfPair says whether JSON has an escape such as \ud800 without its other half.
func halfPair(raw json.RawMessage) bool {
	escaped := func(at int) rune { // the code unit escaped there, or -1
		if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' {
			return -1
		}
		unit, _ := strconv.ParseUint(string(raw[at+2:at+6]), 16, 16)
		return rune(unit)
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		unit := escaped(i)
		switch {
		case !utf16.IsSurrogate(unit):
			i++ // what is escaped
		case utf16.DecodeRune(unit, escaped(i+6)) == utf8.RuneError:
			return true
		default:
			i += 11
		}
	}
	return false
}
