// Package render makes the file of a job: rows told again from the journal, written as they
// come. In: a job. Out: bytes, and how far it is. Which reports there are is handed in; it
// knows no vendor's report, no HTTP and no engine.
package render

import (
	"context"
	"fmt"
	"io"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/extract"
	"chatreports/shared/job"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Renderer makes files.
type Renderer struct {
	ground  extract.Ground
	reports map[string][]extract.Report
	now     func() time.Time
}

// New returns the renderer of the reports of each kind of job. The clock is the present of
// the business, which may stand still.
func New(journal, state table.Table, reports map[string][]extract.Report, now func() time.Time) *Renderer {
	return &Renderer{extract.Ground{Journal: journal, State: state}, reports, now}
}

// Make is job.Worker's.
func (r *Renderer) Make(ctx context.Context, j *job.Job, w io.Writer, progress func(job.Progress)) (job.Made, error) {
	report, format, err := r.find(j)
	if err != nil {
		return job.Made{}, err
	}
	who, ok, err := tenant.Get(ctx, r.ground.State, j.Tenant)
	if err != nil {
		return job.Made{}, fmt.Errorf("reading the tenant %q: %w", j.Tenant, err)
	}
	if !ok {
		return job.Made{}, &job.ImpossibleError{Reason: "The tenant is no longer there."}
	}
	hours, err := dialect.BusinessHours(&who)
	if err != nil {
		return job.Made{}, err
	}
	now := r.now()
	source, err := r.ground.Open(ctx, &extract.Window{Tenant: &who, From: j.From, To: j.To, Now: now.UnixMilli(), Hours: hours})
	if err != nil {
		return job.Made{}, err
	}
	sheet := source.Run(report, func(p extract.Progress) { progress(job.Progress{Rows: p.Rows, Done: p.Done, Of: p.Of}) })
	made := job.Made{CountedUntil: source.CountedUntil()}
	err = format.Write(w, counted(sheet, &made.Rows), file.Options{Name: j.Title(), At: now, Safe: j.Safe})
	if err == nil {
		err = source.Err()
	}
	return made, err
}

// find is the report and the format that a job is for.
func (r *Renderer) find(j *job.Job) (*extract.Report, file.Format, error) {
	format, known := file.Find(j.Format)
	for i := range r.reports[j.Kind] {
		if report := &r.reports[j.Kind][i]; known && report.Name == j.Report {
			return report, format, nil
		}
	}
	return nil, format, &job.ImpossibleError{Reason: fmt.Sprintf("There is no report %s as %s any more.", j.Report, j.Format)}
}

// counted is the sheet, its rows being counted as they come.
func counted(s *dialect.Sheet, n *int64) *dialect.Sheet {
	return &dialect.Sheet{Columns: s.Columns, Rows: func(yield func([]string, error) bool) {
		for cells, err := range s.Rows {
			if err == nil {
				*n++
			}
			if !yield(cells, err) {
				return
			}
		}
	}}
}
