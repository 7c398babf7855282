// Package conversation24 answers Conversation24's exports: the rows of eight reports as
// they are declared here, and public links to them. In: a request. Out: a sheet that is
// read once, as it is made, or a refusal. It knows no HTTP but the numbers of its
// statuses, and no engine.
package conversation24

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	"chatreports/shared/link"
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
	refused := dialect.Refuse(http.StatusNotFound, "unknown_report", "There is no export %q; there are %s.", dialect.Clip(name), strings.Join(known, ", "))
	refused.Known = known
	return nil, refused
}

// Answer answers one request.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	of, refused := find(strings.TrimPrefix(r.Path, Path))
	if refused != nil {
		return nil, refused
	}
	q, refused := of.read(r)
	if refused != nil {
		return nil, refused
	}
	return a.answer(ctx, of, q)
}
