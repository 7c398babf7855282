package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of one event.
const (
	MaxBytes       = 256 << 10
	MaxIDBytes     = 128
	MaxSourceBytes = 1024
	// MaxAhead is how far in the future an event's time may lie.
	MaxAhead = 5 * time.Minute
)

// Codes of a refusal; they never change their meaning.
const (
	CodeInvalidJSON  = "invalid_json"
	CodeUnknownType  = "unknown_type"
	CodeMissingField = "missing_field"
	CodeWrongType    = "wrong_type"
	CodeInvalidValue = "invalid_value"
	CodeIDTooLong    = "id_too_long"
	CodeTimeInFuture = "time_in_future"
	CodeTooLarge     = "too_large"
)

// Refusal says why an event was not taken: a stable code, the field (a path such
// as data.actor.type) and what would be right. ID is the event's, where known; one that is too long is cut.
type Refusal struct {
	ID      string `json:"id,omitempty"`
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, field, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Field: field, Message: "'" + field + "' " + fmt.Sprintf(format, args...)}
}

// rfc3339 is what time.Parse does not insist on: two digits each, a point, an offset
// of less than a day.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// envelope lists the context attributes in the order in which they are checked.
var envelope = []string{"specversion", "id", "source", "type", "subject", "time"}

// Parse reads one structured CloudEvent. now bounds its time. Members and
// extension attributes that no type knows are ignored.
func Parse(raw []byte, now time.Time) (Event, *Refusal) {
	var e Event
	r := e.parse(raw, now)
	if r != nil {
		if r.ID = e.ID; len(r.ID) > MaxIDBytes {
			r.ID = clip(r.ID)
		}
		return Event{}, r
	}
	return e, nil
}

func (e *Event) parse(raw []byte, now time.Time) *Refusal {
	if len(raw) > MaxBytes {
		return &Refusal{Code: CodeTooLarge, Message: fmt.Sprintf("the event has %d bytes; at most %d are taken", len(raw), MaxBytes)}
	}
	if !utf8.Valid(raw) {
		return &Refusal{Code: CodeInvalidJSON, Message: "the event is not UTF-8"}
	}
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(raw, &attributes); err != nil || attributes == nil {
		return &Refusal{Code: CodeInvalidJSON, Message: "the event is not a JSON object" + where(err)}
	}
	text := make(map[string]string, len(envelope))
	if json.Unmarshal(attributes["id"], &e.ID) != nil {
		e.ID = ""
	}
	for _, name := range envelope {
		v, ok := attributes[name]
		if !ok || isNull(v) {
			return refuse(CodeMissingField, name, "is required: a string")
		}
		var s string
		if json.Unmarshal(v, &s) != nil {
			return refuse(CodeWrongType, name, "should be a string")
		}
		if s == "" {
			return refuse(CodeMissingField, name, "is required: it is empty")
		}
		if halfPair(v) { // it would be read as U+FFFD, and so would others: two ids would be one
			return refuse(CodeInvalidValue, name, "has an escape that is half of a surrogate pair; it should be text in Unicode")
		}
		text[name] = s
	}
	if v := text["specversion"]; v != "1.0" {
		return refuse(CodeInvalidValue, "specversion", "is %q; it should be \"1.0\"", clip(v))
	}
	for _, name := range []string{"id", "source", "subject"} {
		limit := MaxIDBytes
		if name == "source" {
			limit = MaxSourceBytes
		}
		if n := len(text[name]); n > limit {
			return refuse(CodeIDTooLong, name, "has %d bytes; at most %d are taken", n, limit)
		}
	}
	e.Source, e.Type, e.Subject = text["source"], text["type"], text["subject"]
	spec, ok := types[e.Type]
	if !ok {
		return refuse(CodeUnknownType, "type", "is %q; known types: %s", clip(e.Type), strings.Join(TypeNames(), ", "))
	}
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text["time"]))
	switch {
	case !rfc3339.MatchString(text["time"]):
		return refuse(CodeInvalidValue, "time", "is %q; it should be RFC 3339, such as 2026-03-01T09:30:00.250Z", clip(text["time"]))
	case err != nil:
		return refuse(CodeInvalidValue, "time", "is %q; there is no such day or time (a leap second is not taken)", clip(text["time"]))
	}
	if t.After(now.Add(MaxAhead)) {
		return refuse(CodeTimeInFuture, "time", "is more than 5 minutes ahead of %s", now.UTC().Format(time.RFC3339))
	}
	e.At = t.UnixMilli()
	return e.parseData(attributes, spec)
}

func (e *Event) parseData(attributes map[string]json.RawMessage, spec typeSpec) *Refusal {
	if _, ok := attributes["data_base64"]; ok {
		return refuse(CodeWrongType, "data_base64", "is not taken: send data as a JSON object")
	}
	data := map[string]json.RawMessage{}
	if v, ok := attributes["data"]; ok && !isNull(v) {
		if json.Unmarshal(v, &data) != nil {
			return refuse(CodeWrongType, "data", "should be an object")
		}
	}
	for _, m := range spec.members {
		field := "data." + m.name
		v, ok := data[m.name]
		kind := members[m.name]
		if !ok || isNull(v) {
			if m.required {
				return refuse(CodeMissingField, field, "is required by %s: %s", e.Type, kind.expect)
			}
			continue
		}
		if len(m.enum) > 0 {
			var s string
			if json.Unmarshal(v, &s) == nil && !slices.Contains(m.enum, s) {
				return refuse(CodeInvalidValue, field, "is %q; it should be one of %s", clip(s), strings.Join(m.enum, ", "))
			}
		}
		if err := kind.set(&e.Data, v); err != nil {
			if inner, ok := errors.AsType[*fieldError](err); ok {
				return refuse(inner.code, field+inner.path, "%s", inner.message)
			}
			return refuse(CodeWrongType, field+innerPath(err), "should be %s", kind.expect)
		}
		if kind.id {
			var s string
			_ = json.Unmarshal(v, &s)
			if s == "" && m.required {
				return refuse(CodeMissingField, field, "is required by %s: it is empty", e.Type)
			}
			if len(s) > MaxIDBytes {
				return refuse(CodeIDTooLong, field, "has %d bytes; an id has at most %d", len(s), MaxIDBytes)
			}
		}
	}
	return nil
}

// TypeNames lists the known event types in order.
func TypeNames() []string {
	names := make([]string, 0, len(types))
	for t := range types {
		names = append(names, t)
	}
	slices.Sort(names)
	return names
}

// Marshal writes the event as one structured CloudEvent.
func (e *Event) Marshal() ([]byte, error) {
	data, err := json.Marshal(&e.Data)
	if err != nil {
		return nil, err
	}
	// A required member is written even when it is zero.
	for _, m := range types[e.Type].members {
		if !m.required || bytes.Contains(data, []byte(`"`+m.name+`":`)) {
			continue
		}
		zero, ok := zeros[m.name]
		if !ok {
			zero = `""`
		}
		data = append(bytes.TrimSuffix(data, []byte("}")), `,"`+m.name+`":`+zero+"}"...)
		data = bytes.Replace(data, []byte("{,"), []byte("{"), 1)
	}
	return json.Marshal(struct {
		SpecVersion string          `json:"specversion"`
		ID          string          `json:"id"`
		Source      string          `json:"source"`
		Type        string          `json:"type"`
		Subject     string          `json:"subject"`
		Time        string          `json:"time"`
		Data        json.RawMessage `json:"data"`
	}{"1.0", e.ID, e.Source, e.Type, e.Subject, e.Time().Format("2006-01-02T15:04:05.000Z07:00"), data})
}

// zeros are those of required members that are no strings.
var zeros = map[string]string{"length": "0", "score": "0", "cqlScore": "0", "value": "0", "enabled": "false", "fields": "[]"}

// halfPair says whether a JSON string has an escape such as \ud800 without its other half.
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

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

func where(err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(": %s at byte %d", syntax.Error(), syntax.Offset)
	}
	return ""
}

// innerPath is the path inside a member at which a value had the wrong type.
func innerPath(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return "." + wrong.Field
	}
	return ""
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
