package comm100

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
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
	ctx    context.Context
	state  table.Table
	tenant *tenant.Tenant
	def    *definition
	now    time.Time
	merged cell.Merged
	// asked collects the queries that run asks, if there is one.
	asked *[]*report.Query
	// directory holds the known entities, by kind, of the kinds asked for.
	directory map[string]map[string]*fact.Entry
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
	r := &request{parameters: p, ctx: ctx, state: a.state, tenant: t, def: def, now: now}
	if err := r.open(); err != nil {
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

// open reads, in one round, how far the tenant's log is merged and the entities
// that the answer must list.
func (r *request) open() error {
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) {
		r.merged, err = cell.ReadMerged(ctx, r.state, r.tenant.ID)
		return err
	})
	r.directory = map[string]map[string]*fact.Entry{}
	kinds := r.kinds()
	entries := make([]map[string]*fact.Entry, len(kinds))
	for i, kind := range kinds {
		g.Go(func() (err error) {
			entries[i], err = facts.Entries(ctx, r.state, r.tenant.ID, kind)
			return err
		})
	}
	err := g.Wait()
	for i, kind := range kinds {
		r.directory[kind] = entries[i]
	}
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
	results, err := r.runAll(r.query(buckets, by, where, want))
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

func (r *request) query(buckets []report.Bucket, by measure.Dim, where []measure.Value, want []report.Want) *report.Query {
	q := &report.Query{Tenant: r.tenant.ID, Buckets: buckets, By: by, Where: where, Want: want, Now: r.now.UnixMilli()}
	for _, e := range entities {
		if e.dim == by {
			q.Known = slices.Collect(maps.Keys(r.directory[e.kind]))
		}
	}
	return q
}

// runAll asks several questions as of one moment.
func (r *request) runAll(queries ...*report.Query) ([]*report.Result, error) {
	if r.asked != nil {
		*r.asked = append(*r.asked, queries...)
	}
	return report.RunAll(r.ctx, r.state, r.merged, queries...)
}

func (r *request) buckets() []report.Bucket {
	period, ok := periods[r.group]
	if !ok {
		return []report.Bucket{{From: r.from.UnixMilli(), To: r.to.UnixMilli()}}
	}
	return r.zone.Buckets(period, r.from, r.to, r.weekStart)
}
