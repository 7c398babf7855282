package web

import (
	"bytes"
	"io"
	"net/http"
	"unicode/utf8"

	"chatreports/shared/dialect"
)

// MaxResponse is how many bytes Lambda passes on of an answer, in the JSON in which API
// Gateway gets it: a compressed body in base64, another as a string.
const MaxResponse = 6 << 20

// room is left for the headers.
const room = 16 << 10

// Elsewhere takes an answer that is too long to be sent, from its first byte on. What goes
// wrong in it panics, as Guard has it.
type Elsewhere interface {
	io.Writer
	// Commit has the answer be there, and says at which address it is fetched.
	Commit() string
	// Abort gives it up; after Commit it does nothing.
	Abort()
}

// Bounded sends no answer that Lambda would not pass on. What is too long goes elsewhere,
// as it travels, and the caller is led there; elsewhere is called with the answer's header
// then. Where there is none it is refused. Answers are compressed for those who take that,
// so that it is known how long they are. It stands behind a Guard.
func Bounded(next http.Handler, elsewhere func(http.Header) Elsewhere) http.Handler {
	next = compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := &bounded{ResponseWriter: w, request: r, elsewhere: elsewhere}
		defer b.abort()
		next.ServeHTTP(b, r)
		b.end()
	})
}

// bounded holds an answer back until it is known where it goes.
type bounded struct {
	http.ResponseWriter
	request   *http.Request
	elsewhere func(http.Header) Elsewhere
	status    int
	held      bytes.Buffer
	n         int       // bytes so far, as they travel
	to        Elsewhere // once it is too long
}

func (b *bounded) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

func (b *bounded) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	switch {
	case b.request.Method == http.MethodHead: // the body is not sent
		return len(p), nil
	case b.to != nil:
		return b.to.Write(p)
	case b.Header().Get("Content-Encoding") != "":
		b.n += (len(p) + 2) / 3 * 4
	default:
		b.n += inJSON(p)
	}
	if b.n <= MaxResponse-room {
		return b.held.Write(p)
	}
	if b.elsewhere == nil {
		panic(b.refused())
	}
	b.to = b.elsewhere(b.Header())
	if _, err := b.to.Write(b.held.Bytes()); err != nil {
		return 0, err
	}
	return b.to.Write(p)
}

func (b *bounded) refused() *dialect.Refusal {
	instead := "take a shorter time or a filter"
	if b.request.Header.Get("Accept-Encoding") == "" {
		instead += ", or send 'Accept-Encoding: gzip', which lets some ten times as much through"
	}
	return dialect.Refuse(http.StatusRequestEntityTooLarge, "answer_too_large", "The answer would be larger than the 6 MB that can be sent at once: %s.", instead)
}

// led is what they read who are not led on by themselves.
const led = "The answer is longer than the 6 MB that can be sent at once. It lies where the header Location says, for an hour; curl -L fetches it.\n"

func (b *bounded) end() {
	if b.to == nil {
		b.WriteHeader(http.StatusOK)
		b.ResponseWriter.WriteHeader(b.status)
		_, _ = b.ResponseWriter.Write(b.held.Bytes())
		return
	}
	to := b.to.Commit()
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Content-Length"} {
		b.Header().Del(name)
	}
	SeeOther(b.ResponseWriter, to, led)
}

// SeeOther leads to another address, with words for those who are not led on by themselves.
func SeeOther(w http.ResponseWriter, to, words string) {
	w.Header().Set("Location", to)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
	_, _ = io.WriteString(w, words)
}

func (b *bounded) abort() {
	if b.to != nil {
		b.to.Abort()
	}
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
