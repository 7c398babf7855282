package web

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"chatreports/shared/dialect"
)

// Body reads a request's body of at most so many bytes, without the byte order mark that some
// editors put before it.
func Body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, *dialect.Refusal) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, dialect.Refuse(http.StatusUnsupportedMediaType, "unsupported_content_encoding",
			"Content-Encoding is %q: send the body as it is, without one.", dialect.Clip(encoding))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		return nil, dialect.Refuse(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than %d bytes, or did not arrive whole.", most)
	}
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}
