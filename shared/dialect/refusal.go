package dialect

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"chatreports/shared/nearest"
)

// Refusal says why a request is not answered. It is made where the mistake is found,
// and each dialect tells it in its own Shape.
type Refusal struct {
	// Status is HTTP's.
	Status int
	// Code is stable: programs go by it.
	Code string
	// Field is the parameter, header or member that is wrong, where it is one.
	Field string
	// Detail is what is wrong and what would be right: whole sentences. Where Code is
	// one of those below, code and field begin the sentence and this ends it: what is
	// invalid about the parameter, or when it is required.
	Detail string
	// Known are the names or values that are possible, where they can be listed.
	Known []string
	// RetryAfter, if not 0, says when to try again.
	RetryAfter time.Duration
}

// Codes of what is wrong with a parameter.
const (
	MissingParameter = "missing_parameter"
	UnknownParameter = "unknown_parameter"
	InvalidParameter = "invalid_parameter"
)

// Refuse is a refusal in whole sentences.
func Refuse(status int, code, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Missing refuses a request that lacks a parameter; known are its possible values,
// if they can be listed.
func Missing(name string, known ...string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: MissingParameter, Field: name, Known: known}
}

// MissingWhen refuses a request that lacks a parameter which only some need; the text
// goes on after "is required ".
func MissingWhen(name, format string, args ...any) *Refusal {
	r := Missing(name)
	r.Detail = fmt.Sprintf(format, args...)
	return r
}

// Unknown refuses a parameter that there is not; known are those there are.
func Unknown(name string, known []string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: UnknownParameter, Field: Clip(name), Known: known}
}

// Invalid refuses a parameter's value; the text goes on after "is invalid: ".
func Invalid(name, format string, args ...any) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: InvalidParameter, Field: name, Detail: fmt.Sprintf(format, args...)}
}

// NoneOf refuses a value that is none of those possible: first it says which was probably meant.
func NoneOf(name, value string, known []string) *Refusal {
	r := Invalid(name, "%s%q is none of %s", nearest.Hint(value, known), Clip(value), strings.Join(known, ", "))
	r.Known = known
	return r
}

// Sentence is the refusal in words.
func (r *Refusal) Sentence() string {
	known := strings.Join(r.Known, ", ")
	switch r.Code {
	case MissingParameter:
		switch {
		case r.Detail != "":
			return fmt.Sprintf("Parameter '%s' is required %s.", r.Field, r.Detail)
		case known != "":
			return fmt.Sprintf("Parameter '%s' is required: one of %s.", r.Field, known)
		}
		return fmt.Sprintf("Parameter '%s' is required.", r.Field)
	case UnknownParameter:
		meant := nearest.Name(r.Field, r.Known)
		if meant != "" {
			meant = fmt.Sprintf(": '%s' was probably meant", meant)
		}
		return fmt.Sprintf("Parameter '%s' is unknown%s. Known parameters: %s.", r.Field, meant, cmp.Or(known, "none"))
	case InvalidParameter:
		return fmt.Sprintf("Parameter '%s' is invalid: %s.", r.Field, r.Detail)
	}
	return cmp.Or(r.Detail, http.StatusText(r.Status))
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Sentence() }

// Shape is how a dialect tells a refusal.
type Shape struct {
	// Basic says that HTTP Basic is taken too, the secret being the password.
	Basic       bool
	ContentType string
	// Body is what the caller reads, as JSON.
	Body func(r *Refusal) any
}

// Ours is the shape of our own routes (RFC 9457).
var Ours = Shape{ContentType: "application/problem+json", Body: func(r *Refusal) any {
	return problem{r.Status, r.Code, http.StatusText(r.Status), r.Sentence(), r.Field, r.Known}
}}

type problem struct {
	Status int      `json:"status"`
	Code   string   `json:"code"`
	Title  string   `json:"title"`
	Detail string   `json:"detail"`
	Field  string   `json:"field,omitempty"`
	Known  []string `json:"known,omitempty"`
}

// Clip keeps what was sent short enough to be told again.
func Clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// Printable is a text as a header can hold it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, Clip(s))
}
