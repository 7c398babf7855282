package comm100

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// API answers the reports from the state's table.
type API struct{ state table.Table }

// New returns the API over the state's table.
func New(state table.Table) *API { return &API{state} }

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

// Answer answers one request. The error is of storage; a refusal is an *Error in
// the body.
func (a *API) Answer(ctx context.Context, t *tenant.Tenant, path string, query url.Values, now time.Time) (status int, body any, err error) {
	def := find(path)
	if def == nil {
		e := noReport(path)
		return e.Status, e, nil
	}
	if e := def.allowed(t); e != nil {
		return e.Status, e, nil
	}
	p, e := def.read(query)
	if e != nil {
		return e.Status, e, nil
	}
	r := &request{parameters: p, tenant: t, def: def, now: now}
	if err := r.open(ctx, a.state); err != nil {
		return 0, nil, err
	}
	answer := def.answer
	if answer == nil {
		answer = rows
	}
	body, err = answer(r)
	if err == nil && r.compare {
		err = r.addPrevious(answer, body)
	}
	return http.StatusOK, body, err
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
		if id := r.filters[name]; id != "" {
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
		return []report.Bucket{{From: r.from.UnixMilli(), To: r.to.UnixMilli()}}
	}
	return r.zone.Buckets(period, r.from, r.to, r.weekStart)
}
