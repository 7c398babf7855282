// Package job keeps what was asked for and takes a while to make: a file in the object
// store. In: what is wanted; a Worker that makes it. Out: how far it is, and where the file
// lies. Whatever ends at whatever moment, a job is made once, by one worker at a time, and
// nothing of it is seen before it is whole. It knows no report, no format, no HTTP, and has
// no clock.
package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// Keep is how long a job is kept, and its file at least.
const Keep = 7 * 24 * time.Hour

// Wanted is what somebody asked for.
type Wanted struct {
	// Kind says who makes it: a dialect.
	Kind string
	// Report and Format are as that has them. Ending ends the file's name.
	Report, Format, Ending string
	// From and To are Unix milliseconds.
	From, To int64
	// Safe is file.Options.Safe.
	Safe bool
	// Query is what else the report was asked with, as a query string; most have nothing else.
	Query string
}

// Title names the file: the report and the time, to the second; without a beginning, where it has
// none.
func (w *Wanted) Title() string {
	const second = "2006-01-02T150405Z"
	end := func(ms int64) string {
		return strings.TrimSuffix(time.UnixMilli(ms).UTC().Format(second), "T000000Z")
	}
	if w.From == math.MinInt64 {
		return fmt.Sprintf("%s to %s", w.Report, end(w.To))
	}
	return fmt.Sprintf("%s %s to %s", w.Report, end(w.From), end(w.To))
}

// State is what became of a job. The numbers are stored.
type State uint8

// States.
const (
	Pending   State = 0 // also while it is made
	Completed State = 1
	Failed    State = 2
)

// Progress is how far a job is.
type Progress struct {
	Rows int64
	// Done of all slices are written.
	Done, Of int
}

// Job is one job.
type Job struct {
	Tenant, ID string
	Wanted
	Asked time.Time
	State State
	Progress
	// Object, Bytes and SHA256 are of the file, once it is completed.
	Object string
	Bytes  int64
	SHA256 []byte
	// CountedUntil is when the newest change that is in it was committed.
	CountedUntil time.Time
	Finished     time.Time
	// Reason says why it failed, or the last try did.
	Reason string

	tries, failures int
	holder          string    // who makes it
	until           time.Time // up to when; without a holder, when it may be tried again
	item            table.Item
}

// Making says whether somebody makes the job.
func (j *Job) Making() bool { return j.holder != "" }

// record is a job as it is stored. Times are Unix milliseconds.
type record struct {
	Kind         string `cbor:"1,keyasint,omitempty"`
	Report       string `cbor:"2,keyasint,omitempty"`
	From         int64  `cbor:"3,keyasint,omitempty"`
	To           int64  `cbor:"4,keyasint,omitempty"`
	Format       string `cbor:"5,keyasint,omitempty"`
	Ending       string `cbor:"6,keyasint,omitempty"`
	Safe         bool   `cbor:"7,keyasint,omitempty"`
	Asked        int64  `cbor:"8,keyasint,omitempty"`
	State        uint8  `cbor:"9,keyasint,omitempty"`
	Tries        int    `cbor:"10,keyasint,omitempty"`
	Failures     int    `cbor:"11,keyasint,omitempty"`
	Holder       string `cbor:"12,keyasint,omitempty"`
	Until        int64  `cbor:"13,keyasint,omitempty"`
	Rows         int64  `cbor:"14,keyasint,omitempty"`
	Done         int    `cbor:"15,keyasint,omitempty"`
	Of           int    `cbor:"16,keyasint,omitempty"`
	Object       string `cbor:"17,keyasint,omitempty"`
	Bytes        int64  `cbor:"18,keyasint,omitempty"`
	SHA256       []byte `cbor:"19,keyasint,omitempty"`
	CountedUntil int64  `cbor:"20,keyasint,omitempty"`
	Finished     int64  `cbor:"21,keyasint,omitempty"`
	Reason       string `cbor:"22,keyasint,omitempty"`
	Query        string `cbor:"23,keyasint,omitempty"`
}

func key(tenant, id string) table.Key {
	return table.Key{Part: table.Join(tenant, "job"), Sort: table.Join(id)}
}

// listed is where a job stands among those that are not finished.
func listed(tenant, id string) table.Key {
	return table.Key{Part: unfinished, Sort: table.Join(tenant, id)}
}

const unfinished = "jobs"

// op is the operation that stores the job, unless somebody else has changed it.
func (j *Job) op() (table.Op, error) {
	raw, err := stored.Marshal(record{
		Kind: j.Kind, Report: j.Report, From: j.From, To: j.To, Format: j.Format, Ending: j.Ending, Safe: j.Safe,
		Asked: stored.Millis(j.Asked), State: uint8(j.State), Tries: j.tries, Failures: j.failures, Holder: j.holder, Until: stored.Millis(j.until),
		Rows: j.Rows, Done: j.Done, Of: j.Of, Object: j.Object, Bytes: j.Bytes, SHA256: j.SHA256,
		CountedUntil: stored.Millis(j.CountedUntil), Finished: stored.Millis(j.Finished), Reason: j.Reason, Query: j.Query,
	})
	item := table.Item{Key: key(j.Tenant, j.ID), Value: raw, Version: j.item.Version + 1, Expires: j.Asked.Add(Keep).Unix()}
	return table.Op{Item: item, If: table.VersionIs(j.item.Version)}, err
}

func decode(tenant, id string, item table.Item) (*Job, error) {
	var r record
	if err := stored.Unmarshal(item.Value, &r); err != nil {
		return nil, fmt.Errorf("the job %q of %q cannot be read: %w", id, tenant, err)
	}
	return &Job{
		Tenant: tenant, ID: id, Wanted: Wanted{Kind: r.Kind, Report: r.Report, From: r.From, To: r.To, Format: r.Format, Ending: r.Ending, Safe: r.Safe, Query: r.Query},
		Asked: stored.Moment(r.Asked), State: State(r.State), tries: r.Tries, failures: r.Failures, holder: r.Holder, until: stored.Moment(r.Until),
		Progress: Progress{r.Rows, r.Done, r.Of}, Object: r.Object, Bytes: r.Bytes, SHA256: r.SHA256,
		CountedUntil: stored.Moment(r.CountedUntil), Finished: stored.Moment(r.Finished), Reason: r.Reason, item: item,
	}, nil
}

// Ask stores a new job under an id that no other has.
func Ask(ctx context.Context, state table.Table, tenant, id string, w Wanted, now time.Time) error {
	j := &Job{Tenant: tenant, ID: id, Wanted: w, Asked: now}
	op, err := j.op()
	if err != nil {
		return err
	}
	err = state.Write(ctx, op, table.Op{Item: table.Item{Key: listed(tenant, id), Value: []byte{1}, Version: 1, Expires: op.Item.Expires}, If: table.Absent})
	if err != nil {
		return fmt.Errorf("storing a job of %q: %w", tenant, err)
	}
	return nil
}

// Find reads a job; nil: there is none, or not any more.
func Find(ctx context.Context, state table.Table, tenant, id string, now time.Time) (*Job, error) {
	items, err := state.Get(ctx, key(tenant, id))
	if err != nil {
		return nil, fmt.Errorf("reading the job %q of %q: %w", id, tenant, err)
	}
	if items[0].Version == 0 || now.Unix() >= items[0].Expires {
		return nil, nil //nolint:nilnil // the comment says so
	}
	return decode(tenant, id, items[0])
}

// List reads the jobs of a tenant that are still kept, the newest first.
func List(ctx context.Context, state table.Table, tenant string, now time.Time) (jobs []*Job, err error) {
	for item, err := range state.Query(ctx, table.Range{Part: table.Join(tenant, "job")}) {
		if err != nil {
			return nil, fmt.Errorf("listing the jobs of %q: %w", tenant, err)
		}
		if now.Unix() >= item.Expires {
			continue
		}
		j, err := decode(tenant, table.Split(item.Sort)[0], item)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	slices.SortStableFunc(jobs, func(a, b *Job) int { return b.Asked.Compare(a.Asked) })
	return jobs, nil
}

// Name is what a job is called by: its tenant's id and its own.
type Name struct {
	Tenant string `json:"tenant"`
	ID     string `json:"id"`
}

// Unfinished lists the jobs that are neither completed nor failed, those first that were
// asked for first, to the second.
func Unfinished(ctx context.Context, state table.Table) (names []Name, err error) {
	var items []table.Item
	for item, err := range state.Query(ctx, table.Range{Part: unfinished}) {
		if err != nil {
			return nil, fmt.Errorf("listing the unfinished jobs: %w", err)
		}
		items = append(items, item)
	}
	// All are kept for the same time.
	slices.SortStableFunc(items, func(a, b table.Item) int { return cmp.Compare(a.Expires, b.Expires) })
	for i := range items {
		if parts := table.Split(items[i].Sort); len(parts) == 2 {
			names = append(names, Name{parts[0], parts[1]})
		}
	}
	return names, nil
}

// Queue tells workers of a job: a hint, which may be lost or come twice. Sweep finds what
// was lost.
type Queue interface {
	Send(ctx context.Context, n Name) error
}

// ErrTaken says that somebody else makes the job, or that it is too early to try again.
var ErrTaken = errors.New("job: it is made by somebody else, or to be tried later")

// ImpossibleError says that a job cannot be made, however often it is tried.
type ImpossibleError struct {
	// Reason is told to whoever asked for it.
	Reason string
}

func (e *ImpossibleError) Error() string { return "job: " + e.Reason }

// NotYetError says that a job cannot be made as the system is now, and can once whoever runs it
// has done something: it waits.
type NotYetError struct {
	// Reason is told to whoever asked for it.
	Reason string
	Err    error
}

func (e *NotYetError) Error() string { return fmt.Sprintf("job: %s (%v)", e.Reason, e.Err) }

// Unwrap is why.
func (e *NotYetError) Unwrap() error { return e.Err }
