// Package stack reads template.yaml as far as the local system needs it: which
// functions there are, which routes, streams and schedules call them, and which
// tables. In: the template's text. Out: a Stack, or an error where the template
// says something that the local system would not do. It runs nothing.
package stack

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FileName is the template's name at the top of the repository.
const FileName = "template.yaml"

// Stack is what the template describes.
type Stack struct {
	Functions []Function
	Tables    []Table
	Queues    []Queue
	Buckets   []Bucket
}

// Bucket returns the bucket of that name.
func (s *Stack) Bucket(name string) (Bucket, bool) {
	i := slices.IndexFunc(s.Buckets, func(b Bucket) bool { return b.Name == name })
	if i < 0 {
		return Bucket{}, false
	}
	return s.Buckets[i], true
}

// Function is one Lambda function. Names of functions and tables are logical ids.
type Function struct {
	Name    string
	Code    string // its folder: functions/ingest
	Timeout time.Duration
	// Tables maps environment variables to the tables that they name.
	Tables map[string]string
	// Buckets and Queues likewise.
	Buckets, Queues map[string]string
	// Policy is what it may do.
	Policy    []Statement
	Routes    []Route
	Streams   []Stream
	Messages  []Messages
	Schedules []Schedule
}

// Route is one route of the HTTP API.
type Route struct {
	Method string // ANY is any
	Path   string // $default is what no other route takes
}

// Key is API Gateway's name of the route.
func (r Route) Key() string {
	if r.Path == DefaultPath {
		return DefaultPath
	}
	return r.Method + " " + r.Path
}

// DefaultPath is the path of the route that takes what no other takes.
const DefaultPath = "$default"

// Stream says how a table's changes are delivered to a function.
type Stream struct {
	Table     string
	BatchSize int
	Window    time.Duration
	// Parallel is how many calls work on one shard at once; those of a partition are in order.
	Parallel int
	// Bisect halves batches that failed; Partial has the function say from where on one did.
	Bisect, Partial bool
	// Retries is how often a batch that failed is delivered again, -1: until it does not fail;
	// Age is how old its changes may be, 0: as old as they get.
	Retries int
	Age     time.Duration
	// Failures is the bucket for what is given up, empty: it is dropped.
	Failures string
}

// Messages says how a queue's messages are delivered to a function, one at a time.
type Messages struct {
	Queue string
	// Parallel is how many calls there are at once at most.
	Parallel int
}

// Queue is one queue of SQS.
type Queue struct {
	Name string
	// Delay is how long a message waits before it is delivered.
	Delay time.Duration
}

// Bucket is one bucket of S3.
type Bucket struct {
	Name   string
	Expire []Expiration
}

// Expiration says when objects are deleted whose keys begin with a prefix.
type Expiration struct {
	Prefix string
	After  time.Duration // they were written
}

// Schedule says how often a function is called.
type Schedule struct {
	Name  string
	Every time.Duration
}

// Table is one DynamoDB table.
type Table struct {
	Name   string
	Stream bool
}

// Table returns the table of that name.
func (s *Stack) Table(name string) (Table, bool) {
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return s.Tables[i], true
}

// template travels with whatever is built: a copy of the repository's, since nothing
// above a package's folder can be embedded. A test holds the two equal.
//
//go:generate cp ../../../template.yaml template.yaml
//go:embed template.yaml
var template []byte

// Deployed is the stack that the repository's template describes.
func Deployed() (Stack, error) {
	s, err := Read(template)
	if err != nil {
		return Stack{}, fmt.Errorf("%s: %w", FileName, err)
	}
	return s, nil
}

// check refuses references to what is not there.
func (s *Stack) check() error {
	for _, f := range s.Functions {
		if !strings.HasPrefix(f.Code, "functions/") {
			return fmt.Errorf("%s: CodeUri is %q; it should be a folder under functions/", f.Name, f.Code)
		}
		for variable, name := range f.Tables {
			if _, ok := s.Table(name); !ok {
				return fmt.Errorf("%s: %s names %q, which is no table", f.Name, variable, name)
			}
		}
		for _, m := range f.Messages {
			if !slices.ContainsFunc(s.Queues, func(q Queue) bool { return q.Name == m.Queue }) {
				return fmt.Errorf("%s: %q is no queue", f.Name, m.Queue)
			}
		}
		for _, st := range f.Streams {
			if t, ok := s.Table(st.Table); !ok || !t.Stream {
				return fmt.Errorf("%s: %q is no table with a stream", f.Name, st.Table)
			}
			if _, ok := s.Bucket(st.Failures); !ok && st.Failures != "" {
				return fmt.Errorf("%s: %q is no bucket", f.Name, st.Failures)
			}
		}
	}
	return nil
}
