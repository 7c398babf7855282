package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/event"
)

// Content types of the forms.
const (
	typeStructured = "application/cloudevents+json"
	typeBatch      = "application/cloudevents-batch+json"
	typeLines      = "application/x-ndjson"
	typeJSON       = "application/json"
)

// one is one event of a request as structured JSON, or why it cannot be that.
type one struct {
	json    []byte
	refusal *event.Refusal
}

// byteOrderMark may stand before text in UTF-8; gzipMagic is how gzip begins.
var byteOrderMark, gzipMagic = []byte("\ufeff"), []byte{0x1f, 0x8b}

// decode cuts a request into its events.
func decode(header http.Header, body io.Reader) ([]one, *dialect.Refusal) {
	form, refused := contentType(header)
	if refused != nil {
		return nil, refused
	}
	raw, refused := read(header.Get("Content-Encoding"), body)
	if refused != nil {
		return nil, refused
	}
	binary := form == typeJSON && isBinary(header)
	text := bytes.TrimSpace(bytes.TrimPrefix(raw, byteOrderMark))
	if len(text) == 0 && !binary {
		return nil, bad("empty_body", "There is no event in the request.")
	}
	switch {
	case binary:
		return fromHeaders(header, text)
	case form == typeLines:
		return lines(text)
	case bytes.HasPrefix(raw, gzipMagic):
		return nil, bad("malformed_body", "The body is gzip: say so with 'Content-Encoding: gzip'.")
	case form != typeStructured && text[0] == '[':
		return array(text)
	}
	err := check(text)
	switch {
	case err != nil:
		return nil, malformed(err)
	case form == typeBatch:
		return nil, bad("malformed_body", "A batch is a JSON array of events; send one event as "+typeStructured+".")
	case text[0] != '{' && form == typeJSON:
		return nil, bad("malformed_body", "An event is a JSON object; several are an array of them.")
	case text[0] != '{':
		return nil, bad("malformed_body", "An event is a JSON object; send several as "+typeBatch+", in an array.")
	}
	return []one{{json: text}}, nil
}

func contentType(header http.Header) (string, *dialect.Refusal) {
	known := fmt.Sprintf("%s, %s, %s or %s", typeStructured, typeBatch, typeLines, typeJSON)
	sent := header.Get("Content-Type")
	form, params, err := mime.ParseMediaType(sent)
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		err = errors.New("charset")
	}
	if err == nil {
		switch form {
		case typeStructured, typeBatch, typeLines, typeJSON:
			return form, nil
		}
	}
	detail := fmt.Sprintf("Content-Type is '%s'; it should be %s, in UTF-8.", sent, known)
	if sent == "" {
		detail = fmt.Sprintf("Content-Type is missing; it should be %s.", known)
	}
	return "", &dialect.Refusal{Status: http.StatusUnsupportedMediaType, Code: "unsupported_content_type", Field: "Content-Type", Detail: detail}
}

// read takes the body in and unpacks it, both bounded.
func read(encoding string, body io.Reader) ([]byte, *dialect.Refusal) {
	packed, refused := bounded(body, MaxBytes, "as it is sent: send it gzipped, or in parts")
	if refused != nil {
		return nil, refused
	}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return packed, nil
	case "gzip", "x-gzip":
	default:
		return nil, &dialect.Refusal{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_content_encoding", Field: "Content-Encoding",
			Detail: fmt.Sprintf("Content-Encoding is '%s'; it should be gzip, or none.", encoding),
		}
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, bad("malformed_gzip", "The body is not gzip, as Content-Encoding says it is.")
	}
	raw, refused := bounded(z, MaxBytes, "unpacked: send it in parts")
	if refused != nil && refused.Status == http.StatusBadRequest {
		refused = bad("malformed_gzip", "The body is gzip up to a place where it is cut off or damaged: send it whole.")
	}
	return raw, refused
}

// bounded reads at most so many bytes; more are refused, with what to do instead.
func bounded(r io.Reader, most int64, instead string) ([]byte, *dialect.Refusal) {
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case int64(len(raw)) > most:
		return nil, &dialect.Refusal{
			Status: http.StatusRequestEntityTooLarge, Code: "too_large",
			Detail: fmt.Sprintf("The body is larger than %d bytes %s.", most, instead),
		}
	case err != nil:
		return nil, bad("malformed_body", "The body could not be read to its end.")
	}
	return raw, nil
}

// lines cuts a body at its line ends; empty lines are no events. A line that is
// no JSON is refused by itself, when it is parsed.
func lines(text []byte) ([]one, *dialect.Refusal) {
	var out []one
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(out) == MaxEvents {
			return nil, tooMany()
		}
		out = append(out, one{json: line})
	}
	return out, nil
}

// array cuts a JSON array into its elements.
func array(text []byte) ([]one, *dialect.Refusal) {
	var elements []json.RawMessage
	if err := json.Unmarshal(text, &elements); err != nil {
		return nil, malformed(err)
	}
	if len(elements) > MaxEvents {
		return nil, tooMany()
	}
	out := make([]one, len(elements))
	for i, e := range elements {
		out[i].json = e
	}
	return out, nil
}

func check(text []byte) error {
	var any json.RawMessage
	return json.Unmarshal(text, &any)
}

func bad(code, detail string) *dialect.Refusal {
	return &dialect.Refusal{Status: http.StatusBadRequest, Code: code, Detail: detail}
}

func malformed(err error) *dialect.Refusal {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return bad("malformed_body", fmt.Sprintf("The body is not JSON: %v at byte %d.", syntax, syntax.Offset))
	}
	return bad("malformed_body", "The body is not JSON.")
}

func tooMany() *dialect.Refusal {
	return &dialect.Refusal{
		Status: http.StatusRequestEntityTooLarge, Code: "too_many_events",
		Detail: fmt.Sprintf("There are more than %d events in the request: send them in parts.", MaxEvents),
	}
}
