package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"chatreports/shared/rfc3339"
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
	CodeTooMany      = "too_many"
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

// envelope lists the context attributes in the order in which they are checked, and what each is.
var envelope = []struct{ name, is string }{
	{"specversion", `the string "1.0"`},
	{"id", "a string"},
	{"source", "a string"},
	{"type", "a string"},
	{"subject", "a string"},
	{"time", "a string, in RFC 3339, such as 2026-03-01T09:30:00.250Z"},
}

// attributeNames are all that an event is read by.
var attributeNames = []string{"specversion", "id", "source", "type", "subject", "time", "data", "data_base64"}

// halfOfAPair is said of text that would be read as U+FFFD, as would others: two ids
// would be one.
const halfOfAPair = "has an escape that is half of a surrogate pair; it should be text in Unicode"

// Parse reads one structured CloudEvent. now bounds its time. Members of data that the
// type does not know are kept, and warned of; extension attributes are ignored.
func Parse(raw []byte, now time.Time) (Event, []Warning, *Refusal) {
	var e Event
	warnings, r := e.parse(raw, now)
	if r != nil {
		if r.ID = e.ID; len(r.ID) > MaxIDBytes {
			r.ID = clip(r.ID)
		}
		return Event{}, nil, r
	}
	return e, warnings, nil
}

func (e *Event) parse(raw []byte, now time.Time) ([]Warning, *Refusal) {
	if len(raw) > MaxBytes {
		return nil, &Refusal{Code: CodeTooLarge, Message: fmt.Sprintf("the event has %d bytes; at most %d are taken", len(raw), MaxBytes)}
	}
	if !utf8.Valid(raw) {
		return nil, &Refusal{Code: CodeInvalidJSON, Message: "the event is not UTF-8"}
	}
	var attributes map[string]json.RawMessage
	err := json.Unmarshal(raw, &attributes)
	switch syntax, broken := errors.AsType[*json.SyntaxError](err); {
	case broken:
		return nil, &Refusal{Code: CodeInvalidJSON, Message: fmt.Sprintf("the event is not JSON: %v at byte %d", syntax, syntax.Offset)}
	case err != nil, attributes == nil:
		return nil, &Refusal{Code: CodeInvalidJSON, Message: fmt.Sprintf("the event is %s; it should be a JSON object", told(bytes.TrimSpace(raw)))}
	}
	text := make(map[string]string, len(envelope))
	if json.Unmarshal(attributes["id"], &e.ID) != nil {
		e.ID = ""
	}
	for _, attribute := range envelope {
		name := attribute.name
		v, ok := attributes[name]
		if !ok || isNull(v) {
			return nil, missing("", name, ": "+attribute.is, attributes, attributeNames)
		}
		var s string
		if json.Unmarshal(v, &s) != nil {
			return nil, wrongType(name, v, attribute.is)
		}
		if s == "" {
			return nil, refuse(CodeMissingField, name, "is required: it is empty")
		}
		if halfPair(v) {
			return nil, refuse(CodeInvalidValue, name, halfOfAPair)
		}
		text[name] = s
	}
	if v := text["specversion"]; v != "1.0" {
		return nil, refuse(CodeInvalidValue, "specversion", "is %q; it should be \"1.0\"", clip(v))
	}
	for _, name := range []string{"id", "source", "subject"} {
		limit := MaxIDBytes
		if name == "source" {
			limit = MaxSourceBytes
		}
		if n := len(text[name]); n > limit {
			return nil, refuse(CodeIDTooLong, name, "has %d bytes; at most %d are taken", n, limit)
		}
	}
	e.Source, e.Type, e.Subject = text["source"], text["type"], text["subject"]
	spec, ok := types[e.Type]
	if !ok {
		return nil, unknownType("type", e.Type)
	}
	t, err := rfc3339.Parse(text["time"])
	switch {
	case errors.Is(err, rfc3339.ErrForm):
		return nil, refuse(CodeInvalidValue, "time", "is %q; it should be RFC 3339, such as 2026-03-01T09:30:00.250Z", clip(text["time"]))
	case err != nil:
		return nil, refuse(CodeInvalidValue, "time", "is %q; there is no such day or time (a leap second is not taken)", clip(text["time"]))
	}
	if t.After(now.Add(MaxAhead)) {
		return nil, refuse(CodeTimeInFuture, "time", "is more than 5 minutes ahead of %s", now.UTC().Format(time.RFC3339))
	}
	e.At = t.UnixMilli()
	return e.parseData(attributes, spec)
}

func (e *Event) parseData(attributes map[string]json.RawMessage, spec typeSpec) ([]Warning, *Refusal) {
	if _, ok := attributes["data_base64"]; ok {
		return nil, refuse(CodeWrongType, "data_base64", "is not taken: send data as a JSON object")
	}
	raw := attributes["data"]
	if len(raw) == 0 || isNull(raw) {
		raw = json.RawMessage("{}")
	}
	if path, ok := halfIn("data", raw); ok {
		return nil, refuse(CodeInvalidValue, path, halfOfAPair)
	}
	r := reader{typ: e.Type, known: make([]byte, 0, len(raw))}
	rest, refusal := r.object("data", raw, spec.members)
	if refusal != nil {
		return nil, refusal
	}
	if err := json.Unmarshal(r.known, &e.Data); err != nil { // never: the tables and Data are of one mind
		return nil, refuse(CodeWrongType, "data", "cannot be read: %v", err)
	}
	e.Data.SetValue(e.Data.Value)
	if e.Type == Retracted {
		if refusal := e.checkMeant(); refusal != nil {
			return nil, refusal
		}
	}
	if rest != nil {
		e.Data.Rest, _ = json.Marshal(rest)
	}
	return r.finished(e.ID), nil
}

// checkMeant refuses a retraction of what cannot be taken back.
func (e *Event) checkMeant() *Refusal {
	if e.Data.Type == Retracted {
		return refuse(CodeInvalidValue, "data.type", "is %s: a retraction cannot be taken back; send what is right under a new id", Retracted)
	}
	if _, ok := types[e.Data.Type]; !ok {
		return unknownType("data.type", e.Data.Type)
	}
	return nil
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
		data = append(bytes.TrimSuffix(data, []byte("}")), `,"`+m.name+`":`+m.zero()+"}"...)
		data = bytes.Replace(data, []byte("{,"), []byte("{"), 1)
	}
	if len(e.Data.Rest) > 0 {
		if data, err = json.Marshal(together(decoded(data), decoded(e.Data.Rest))); err != nil {
			return nil, err
		}
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

// zero is how a required member is written that has no value.
func (m *memberSpec) zero() string {
	switch {
	case m.shape.most > 0:
		return "[]"
	case m.shape.kind == truth:
		return "false"
	case m.shape.kind == whole, m.shape.kind == decimal:
		return "0"
	}
	return `""`
}

// together puts members that no type knows back where they stood.
func together(known, rest any) any {
	switch k := known.(type) {
	case map[string]any:
		r, _ := rest.(map[string]any)
		for name, v := range r {
			if of, ok := k[name]; ok {
				v = together(of, v)
			}
			k[name] = v
		}
	case []any:
		r, _ := rest.([]any)
		for i := range min(len(k), len(r)) {
			k[i] = together(k[i], r[i])
		}
	}
	return known
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
