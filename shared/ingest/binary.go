package ingest

import (
	"encoding/json"
	"net/http"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"chatreports/shared/dialect"
	"chatreports/shared/event"
)

const attributePrefix = "Ce-"

// isBinary says whether the attributes of an event are in the headers, with its
// data as the body.
func isBinary(header http.Header) bool {
	for _, name := range []string{"Ce-Specversion", "Ce-Id", "Ce-Type", "Ce-Source"} {
		if _, ok := header[name]; ok {
			return true
		}
	}
	return false
}

// fromHeaders makes one structured event of headers and body.
func fromHeaders(header http.Header, data []byte) ([]one, *dialect.Refusal) {
	attributes := map[string]any{}
	for name, values := range header {
		name, ok := strings.CutPrefix(textproto.CanonicalMIMEHeaderKey(name), attributePrefix)
		if !ok {
			continue
		}
		name = strings.ToLower(name)
		text := decodeValue(strings.Join(values, ","))
		if !utf8.ValidString(text) {
			return []one{{refusal: &event.Refusal{
				Code: event.CodeInvalidValue, Field: name,
				Message: "'" + name + "' is not UTF-8 once it is percent-decoded",
			}}}, nil
		}
		attributes[name] = text
	}
	delete(attributes, "data")
	delete(attributes, "data_base64")
	if len(data) > 0 {
		if err := check(data); err != nil {
			return nil, malformed(err)
		}
		attributes["data"] = json.RawMessage(data)
	}
	raw, err := json.Marshal(attributes)
	if err != nil {
		return nil, malformed(err)
	}
	return []one{{json: raw}}, nil
}

// decodeValue undoes what CloudEvents' HTTP binding does to a header's value: a
// quoted string loses its quotes, and %XX becomes the byte it stands for. A '%'
// without two hexadecimal digits stays as it is.
func decodeValue(s string) string {
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		var b strings.Builder
		for i := 1; i < n-1; i++ {
			if s[i] == '\\' && i+1 < n-1 {
				i++
			}
			b.WriteByte(s[i])
		}
		s = b.String()
	}
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := unhex(s[i+1])
			lo, ok2 := unhex(s[i+2])
			if ok1 && ok2 {
				b.WriteByte(hi<<4 | lo)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
