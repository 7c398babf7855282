// Package render makes the file of a job: rows told again from the journal, written as they
// come. In: a job. Out: bytes, and how far it is. Which kinds of jobs there are is handed in;
// it knows no vendor's report, no HTTP and no engine.
package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/extract"
	"chatreports/shared/job"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Told is what a file is made of.
type Told struct {
	*dialect.Sheet
	// Name is the file's, where it is one within another.
	Name string
	// CountedUntil is when the newest change that is in it was committed.
	CountedUntil time.Time
	// Err says, once the rows are read, what could not be.
	Err func() error
}

// Kind begins to tell the rows of a job, for its tenant. An error that is a *dialect.Refusal
// says that it cannot be made.
type Kind func(ctx context.Context, j *job.Job, who *tenant.Tenant, now time.Time, progress func(job.Progress)) (*Told, error)

// Renderer makes files.
type Renderer struct {
	state table.Table
	kinds map[string]Kind
	now   func() time.Time
}

// New returns the renderer of jobs by their kinds. The clock is the present of the business,
// which may stand still.
func New(state table.Table, kinds map[string]Kind, now func() time.Time) *Renderer {
	return &Renderer{state, kinds, now}
}

// Make is job.Worker's.
func (r *Renderer) Make(ctx context.Context, j *job.Job, w io.Writer, progress func(job.Progress)) (made job.Made, err error) {
	kind, format, err := r.find(j)
	if err != nil {
		return made, err
	}
	who, ok, err := tenant.Get(ctx, r.state, j.Tenant)
	if err != nil {
		return made, fmt.Errorf("reading the tenant %q: %w", j.Tenant, err)
	}
	if !ok {
		return made, &job.ImpossibleError{Reason: "The tenant is no longer there."}
	}
	now := r.now()
	told, err := kind(ctx, j, &who, now, progress)
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		err = &job.ImpossibleError{Reason: refused.Sentence()}
	}
	if err != nil {
		return made, err
	}
	made.CountedUntil = told.CountedUntil
	if err := format.Write(w, counted(told.Sheet, &made.Rows), file.Options{Name: told.Name, At: now, Safe: j.Safe}); err != nil {
		return made, err
	}
	return made, told.Err()
}

// find is how a job is made, and in which format.
func (r *Renderer) find(j *job.Job) (Kind, file.Format, error) {
	format, known := file.Find(j.Format)
	kind := r.kinds[j.Kind]
	if kind == nil || !known {
		return nil, format, gone(j)
	}
	return kind, format, nil
}

func gone(j *job.Job) error {
	return &job.ImpossibleError{Reason: fmt.Sprintf("There is no report %s as %s any more.", j.Report, j.Format)}
}

// Extracts is the kind of a dialect's reports that are told row by row.
func Extracts(journal, state table.Table, reports []extract.Report) Kind {
	ground := extract.Ground{Journal: journal, State: state}
	return func(ctx context.Context, j *job.Job, who *tenant.Tenant, now time.Time, progress func(job.Progress)) (*Told, error) {
		i := slices.IndexFunc(reports, func(r extract.Report) bool { return r.Name == j.Report })
		if i < 0 {
			return nil, gone(j)
		}
		hours, err := dialect.BusinessHours(who)
		if err != nil {
			return nil, err
		}
		source, err := ground.Open(ctx, &extract.Window{Tenant: who, From: j.From, To: j.To, Now: now.UnixMilli(), Hours: hours})
		if err != nil {
			return nil, err
		}
		sheet := source.Run(&reports[i], func(p extract.Progress) { progress(job.Progress{Rows: p.Rows, Done: p.Done, Of: p.Of}) })
		return &Told{sheet, j.Title(), source.CountedUntil(), source.Err}, nil
	}
}

// Sheets is an API that tells the rows of a request.
type Sheets interface {
	Sheet(ctx context.Context, r *dialect.Request) (*dialect.Sheet, time.Time, error)
}

// Exports is the kind of an API whose jobs say in their query what was asked, of a path that
// begins with prefix. How many rows there will be is not known.
func Exports(api Sheets, prefix string) Kind {
	return func(ctx context.Context, j *job.Job, who *tenant.Tenant, now time.Time, progress func(job.Progress)) (*Told, error) {
		query, err := url.ParseQuery(j.Query)
		if err != nil {
			return nil, fmt.Errorf("the job's query: %w", err)
		}
		sheet, until, err := api.Sheet(ctx, &dialect.Request{Tenant: who, Path: prefix + j.Report, Query: query, Now: now})
		if err != nil {
			return nil, err
		}
		var p job.Progress
		return &Told{each(sheet, func() {
			if p.Rows++; p.Rows%tellEvery == 0 {
				progress(p)
			}
		}), j.Report, until, func() error { return nil }}, nil
	}
}

// tellEvery is after how many rows it is told how far an export is.
const tellEvery = 1000

// counted is the sheet, its rows being counted as they come.
func counted(s *dialect.Sheet, n *int64) *dialect.Sheet { return each(s, func() { *n++ }) }

// each is the sheet, with a call for each row as it comes.
func each(s *dialect.Sheet, call func()) *dialect.Sheet {
	return &dialect.Sheet{Columns: s.Columns, Rows: func(yield func([]string, error) bool) {
		for cells, err := range s.Rows {
			if err == nil {
				call()
			}
			if !yield(cells, err) {
				return
			}
		}
	}}
}
