package dialect

import "chatreports/shared/tenant"

// Scopes that a caller's key may have to have.
const (
	ReportsRead  = tenant.ReportsRead
	ExportsWrite = tenant.ExportsWrite
)

// Operation is one thing that can be asked over HTTP, as documents describe it.
type Operation struct {
	Method string
	// Path may have parts in braces, of which Parts says what they are.
	Path  string
	Parts Parameters
	// Name is its heading; Tag that of the dialect it is of.
	Name, Tag string
	// Scope is what the caller's key has to have; empty: it needs no key.
	Scope string
	// Parameters are those of the query.
	Parameters Parameters
	// Body is what is sent, if something is.
	Body *Body
	// Status is that of the answer.
	Status int
	// Types are the content types of the answer; the first is what comes unless another
	// is asked for.
	Types []string
	// Headers are those of its own that the answer may have, with what each says.
	Headers map[string]string
	// Columns are the properties of the answer's rows, with dots where they stand within
	// others; Single says that the answer is one row and no list.
	Columns []string
	Single  bool
	// Redirects says that an answer too long to be sent, or to wait for, is 303, to where it is.
	Redirects bool
	// Also are other statuses with which the same answer comes.
	Also []int
	// Refusals are the statuses that it may have besides those that all have.
	Refusals []int
	// Example is a query that has an answer in any tenant.
	Example string
}

// Body is what an operation is sent.
type Body struct {
	Type    string
	About   string
	Example any
	// Schema is the JSON schema of what is taken; nil: an object, of which About says more.
	Schema any
	// Optional: it may be left out.
	Optional bool
}

// Content types of answers.
const (
	TypeJSON    = jsonType
	TypeCSV     = "text/csv"
	TypeLines   = "application/jsonl"
	TypeParquet = "application/vnd.apache.parquet"
	TypeProblem = "application/problem+json"
)
