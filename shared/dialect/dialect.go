// Package dialect is what all dialects share: why a request is refused, as data
// that each says in its own words; parameters, declared as data; rows of ordered
// columns, and what writes them. In: what a caller asks. Out: an answer or a
// refusal. It knows no vendor, no figure, no storage and nothing of HTTP but the
// numbers of its statuses.
package dialect

import (
	"context"
	"net/url"
	"time"

	"chatreports/shared/tenant"
)

// Request is a question, however it came.
type Request struct {
	Tenant *tenant.Tenant
	Path   string
	Query  url.Values
	Now    time.Time
}

// Answer is what a request gets.
type Answer struct {
	// Body is written as JSON.
	Body any
}

// API answers the requests of a dialect. An error that is a *Refusal is the
// caller's to mend; any other is storage's.
type API interface {
	Shape() Shape
	Answer(ctx context.Context, r *Request) (*Answer, error)
}
