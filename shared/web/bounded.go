package web

import (
	"net/http"
	"unicode/utf8"

	"chatreports/shared/dialect"
)

// MaxResponse is how many bytes Lambda passes on of an answer, in the JSON in which API
// Gateway gets it: a compressed body in base64, another as a string.
const MaxResponse = 6 << 20

// room is left for the headers.
const room = 16 << 10

// Bounded refuses an answer that Lambda would not pass on, as soon as it gets too long,
// and compresses what comes for those who take that, so that it is known how long it is.
// It stands behind a Guard.
func Bounded(next http.Handler) http.Handler {
	next = compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&bounded{ResponseWriter: w, takesGzip: r.Header.Get("Accept-Encoding") != ""}, r)
	})
}

type bounded struct {
	http.ResponseWriter
	takesGzip bool
	n         int // bytes so far, as they travel
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Header().Get("Content-Encoding") != "" {
		b.n += (len(p) + 2) / 3 * 4
	} else {
		b.n += inJSON(p)
	}
	if b.n > MaxResponse-room {
		instead := "take a shorter time or a filter"
		if !b.takesGzip {
			instead += ", or send 'Accept-Encoding: gzip', which lets some ten times as much through"
		}
		panic(dialect.Refuse(http.StatusRequestEntityTooLarge, "answer_too_large", "The answer would be larger than the 6 MB that can be sent at once: %s.", instead))
	}
	return b.ResponseWriter.Write(p)
}

// inJSON is how long text is as a JSON string.
func inJSON(p []byte) (n int) {
	for _, c := range p {
		switch {
		case c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t':
			n += 2
		case c < ' ' || c == '<' || c == '>' || c == '&':
			n += len(`\u003c`)
		case c == 0xe2: // U+2028 and U+2029 begin so
			n += 4
		default:
			n++
		}
	}
	if !utf8.Valid(p) {
		return max(n, len(p)*4/3)
	}
	return n
}
