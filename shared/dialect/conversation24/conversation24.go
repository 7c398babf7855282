// Package conversation24 answers Conversation24's exports: the rows of eight reports as
// they are declared here, and public links to them. In: a request. Out: a sheet that is
// read once, as it is made, or a refusal. It knows no HTTP but the numbers of its
// statuses, and no engine.
package conversation24

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/extract"
	"chatreports/shared/job"
	"chatreports/shared/link"
	"chatreports/shared/nearest"
	"chatreports/shared/table"
)

// Path is what the paths of all reports begin with.
const Path = "/v1/exports/"

// API answers the exports, and keeps their links.
type API struct {
	ground *extract.Ground
	state  table.Table
	links  *link.Links
}

// New returns the API over the two tables.
func New(journal, state table.Table) *API {
	return &API{ground: &extract.Ground{Journal: journal, State: state}, state: state, links: link.New(state)}
}

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return dialect.Ours }

// find is the report of a name.
func find(name string) (*report, *dialect.Refusal) {
	i := slices.IndexFunc(reports, func(r report) bool { return r.name == name })
	if i >= 0 {
		return &reports[i], nil
	}
	known := make([]string, len(reports))
	for i := range reports {
		known[i] = reports[i].name
	}
	refused := dialect.Refuse(http.StatusNotFound, "unknown_report", "There is no export %q; %sthere are %s.", dialect.Clip(name), nearest.Hint(name, known), strings.Join(known, ", "))
	refused.Known = known
	return nil, refused
}

// Report is what is known of an export before it is asked.
type Report struct {
	Name       string
	Parameters dialect.Parameters
	Columns    []dialect.Column
	// List says that it tells what there is, whatever the time.
	List bool
}

// Reports lists the exports.
func Reports() []Report {
	out := make([]Report, len(reports))
	for i := range reports {
		r := &reports[i]
		out[i] = Report{r.name, r.parameters(), r.columns, r.timeless}
	}
	return out
}

// Check says why a request would be refused.
func Check(r *dialect.Request) *dialect.Refusal {
	_, _, refused := read(r)
	return refused
}

// read reads which report is asked, and what about.
func read(r *dialect.Request) (*report, *request, *dialect.Refusal) {
	of, refused := find(strings.TrimPrefix(r.Path, Path))
	if refused != nil {
		return nil, nil, refused
	}
	q, refused := of.read(r)
	return of, q, refused
}

// Sheet is the rows that are asked for, to be read once, and until when events are counted
// in them.
func (a *API) Sheet(ctx context.Context, r *dialect.Request) (*dialect.Sheet, time.Time, error) {
	of, q, refused := read(r)
	if refused != nil {
		return nil, time.Time{}, refused
	}
	return a.sheet(ctx, of, q)
}

func (a *API) sheet(ctx context.Context, of *report, q *request) (*dialect.Sheet, time.Time, error) {
	if err := admission.Need(ctx, weight); err != nil {
		return nil, time.Time{}, err
	}
	s, err := a.ground.Open(ctx, &q.Window)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("beginning to read for %s: %w", of.name, err)
	}
	if err := q.warn(s); err != nil {
		return nil, time.Time{}, err
	}
	sheet := &dialect.Sheet{Columns: of.columns, Rows: q.ofCampaign(of.rows(ctx, a.ground, s, q))}
	if q.names {
		sheet = named(sheet, s)
	}
	return sheet, s.CountedUntil(), nil
}

// Kind is that of the jobs that make exports which take long.
const Kind = "conversation24"

// Job is the job that makes the file of a request. Such a file is of the present in which it is
// made, where the request does not say up to when.
func (a *API) Job(r *dialect.Request) (job.Wanted, *dialect.Refusal) {
	of, q, refused := read(r)
	if refused != nil {
		return job.Wanted{}, refused
	}
	return job.Wanted{Kind: Kind, Report: of.name, Format: q.format.Name, Ending: q.format.Extension, From: q.From, To: q.To, Safe: q.safe, Query: r.Query.Encode()}, nil
}

// weight is about what an export takes, in bytes: what is sorted at once, and what is being
// told.
const weight = 48 << 20

// contentTypes are those of the formats.
var contentTypes = map[string]string{
	file.CSV.Name:     "text/csv; charset=utf-8",
	file.JSONL.Name:   dialect.TypeLines,
	file.Parquet.Name: dialect.TypeParquet,
}

// Answer answers one request.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	of, q, refused := read(r)
	if refused != nil {
		return nil, refused
	}
	sheet, counted, err := a.sheet(ctx, of, q)
	if err != nil {
		return nil, err
	}
	return &dialect.Answer{
		ContentType: contentTypes[q.format.Name],
		Write: func(w io.Writer) error {
			return q.format.Write(w, sheet, file.Options{Name: of.name, At: r.Now, Safe: q.safe})
		},
		CountedUntil: counted,
		FileName:     of.name + q.format.Extension,
		Warnings:     q.warnings,
	}, nil
}
