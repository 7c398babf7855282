package web

import (
	"io"
	"net/http"

	"chatreports/shared/dialect"
)

// Body reads a request's body of at most so many bytes.
func Body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, *dialect.Refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		return nil, dialect.Refuse(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than %d bytes, or did not arrive whole.", most)
	}
	return body, nil
}
