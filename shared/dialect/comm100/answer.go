package comm100

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// API answers the reports from the state's table; the journal is read only where names are
// asked for, or a filter value may be mistyped.
type API struct{ journal, state table.Table }

// New returns the API over both tables.
func New(journal, state table.Table) *API { return &API{journal, state} }

// request is one question on its way to an answer.
type request struct {
	parameters
	*report.Snapshot
	tenant *tenant.Tenant
	def    *definition
	now    time.Time
	// asked collects the queries that run asks, if there is one.
	asked *[]*report.Query
}

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return shape }

// Check says whether a request is refused, without answering it.
func Check(q *dialect.Request) *dialect.Refusal {
	_, _, refused := read(q)
	return refused
}

// read reads a request.
func read(q *dialect.Request) (*request, *dialect.Values, *dialect.Refusal) {
	def, refused := find(q.Path)
	if refused == nil {
		refused = def.allowed(q.Tenant)
	}
	if refused != nil {
		return nil, nil, refused
	}
	values, refused := def.takes().Read(q.Query)
	if refused != nil {
		return nil, nil, refused
	}
	p, refused := def.read(values)
	r := &request{parameters: p, tenant: q.Tenant, def: def, now: q.Now}
	if refused == nil {
		refused = r.readSort(values)
	}
	return r, values, refused
}

// Answer answers one request.
func (a *API) Answer(ctx context.Context, q *dialect.Request) (*dialect.Answer, error) {
	r, values, refused := read(q)
	if refused != nil {
		return nil, refused
	}
	def := r.def
	if err := r.open(ctx, a.state); err != nil {
		return nil, err
	}
	answer := def.answer
	if answer == nil {
		answer = ordinary
	}
	unannounced, lacking := r.unannounced(ctx), r.lacking()
	rows, err := answer(r)
	if err == nil && r.compare != "" {
		rows, err = r.compared(answer, rows)
	}
	if err != nil {
		return nil, err
	}
	warnings, err := a.warn(ctx, r, rows, unannounced)
	if err != nil {
		return nil, err
	}
	lacks, err := lacking()
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, lacks...)
	columns := r.table()
	if r.names {
		if rows, err = r.named(ctx, a.journal, rows); err != nil {
			return nil, err
		}
		columns = r.columnsNamed(columns)
	}
	out := values.Format(q.Accept).Answer(&dialect.Table{Columns: columns, Rows: rows, Single: def.single})
	out.CountedUntil, out.Warnings, out.Note = r.CountedUntil(), warnings, r.note()
	return out, nil
}

// lacking begins to look whether chats that an earlier version stored are missing in figures,
// and gives the warning about them once that is known.
func (r *request) lacking() func() ([]string, error) {
	var wants []report.Want
	for _, c := range r.shown() {
		wants = append(wants, c.want...)
	}
	var lacks bool
	var g errgroup.Group
	g.Go(func() (err error) {
		lacks, err = r.Lacks(wants)
		return err
	})
	return func() ([]string, error) {
		if err := g.Wait(); err != nil || !lacks {
			return nil, err
		}
		return []string{"some chats were stored by an earlier version, and count in first responses and by campaign once they have another event, or after a rebuild: go run ./infra/verify --rebuild"}, nil
	}
}

// open reads what the answer needs to know first: the entities that it must list among it.
func (r *request) open(ctx context.Context, state table.Table) (err error) {
	r.Snapshot, err = report.Open(ctx, state, r.tenant.ID, r.now, r.kinds()...)
	return err
}

// where is the filters as values of dimensions.
func (r *request) where() []measure.Value {
	var out []measure.Value
	for _, name := range r.def.filters {
		if id := r.filters[name]; id != "" && entities[name].dim != measure.None {
			out = append(out, measure.Value{Dim: entities[name].dim, ID: id})
		}
	}
	return out
}

// run asks the planner.
func (r *request) run(buckets []report.Bucket, by measure.Dim, where []measure.Value, want []report.Want) (*report.Result, error) {
	results, err := r.runAll(&report.Query{Buckets: buckets, By: by, Where: where, Want: want})
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// runAll asks several questions as of one moment.
func (r *request) runAll(queries ...*report.Query) ([]*report.Result, error) {
	if r.asked != nil {
		*r.asked = append(*r.asked, queries...)
	}
	return r.RunAll(queries...)
}

func (r *request) buckets() []report.Bucket {
	period, ok := periods[r.group]
	if !ok {
		return r.whole()
	}
	return r.zone.Buckets(period, r.from, r.to, r.weekStart)
}

// whole is the range as one.
func (r *request) whole() []report.Bucket {
	return []report.Bucket{{From: r.from.UnixMilli(), To: r.to.UnixMilli()}}
}
