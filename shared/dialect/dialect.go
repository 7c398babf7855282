// Package dialect is what all dialects share: why a request is refused, as data
// that each says in its own words; parameters, declared as data; rows of ordered
// columns, and what writes them. In: what a caller asks. Out: an answer or a
// refusal. It knows no vendor, no figure, no storage and nothing of HTTP but the
// numbers of its statuses.
package dialect

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"time"

	"chatreports/shared/tenant"
)

// Request is a question, however it came.
type Request struct {
	Tenant *tenant.Tenant
	Path   string
	Query  url.Values
	// Accept is the header of that name.
	Accept string
	// Body is what was sent with it, of a request that has one.
	Body []byte
	Now  time.Time
}

// Answer is what a request gets.
type Answer struct {
	ContentType string
	// Write writes the body.
	Write func(w io.Writer) error
	// CountedUntil is when the newest change that is counted was committed; the zero
	// time says nothing.
	CountedUntil time.Time
	// FileName is what the body is called by whoever saves it; empty: nothing is said.
	FileName string
	// Next is where the next page of the answer is; empty: there is none, or it has no pages.
	Next string
	// Note says how the rows are to be read, Warnings what is probably wrong in the question;
	// both are told beside the answer: ASCII, without quotes.
	Note     string
	Warnings []string
}

// Bytes is the whole body.
func (a *Answer) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := a.Write(&b)
	return b.Bytes(), err
}

const jsonType = "application/json"

// JSON is an answer of any value that encoding/json takes.
func JSON(value any) *Answer {
	return &Answer{ContentType: jsonType, Write: func(w io.Writer) error { return json.NewEncoder(w).Encode(value) }}
}

// API answers the requests of a dialect. An error that is a *Refusal is the
// caller's to mend; any other is storage's.
type API interface {
	Shape() Shape
	Answer(ctx context.Context, r *Request) (*Answer, error)
}
