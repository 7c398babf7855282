package comm100

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/table"
)

// Paths of our own, beside the vendor's.
const (
	MeasuresPath = "/v1/measures"
	RowsPath     = "/v1/rows"
)

// Explainer says what figures are and what they are made of.
type Explainer struct{ state table.Table }

// NewExplainer returns the Explainer over the state's table.
func NewExplainer(state table.Table) *Explainer { return &Explainer{state} }

// Shape is how it tells a refusal.
func (x *Explainer) Shape() dialect.Shape { return dialect.Ours }

// Answer answers one request.
func (x *Explainer) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	var body any
	var err error
	switch r.Path {
	case MeasuresPath:
		body, err = x.measures(r.Query)
	case RowsPath:
		body, err = x.rows(ctx, r)
	default:
		return nil, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", r.Path)
	}
	return dialect.JSON(body), err
}

// ofMeasures are the catalogue's parameters.
var ofMeasures = dialect.Parameters{{Name: "measure", About: "the name of one measure"}}

// measures answers the catalogue, or one measure of it.
func (x *Explainer) measures(query url.Values) (any, error) {
	all := Measures()
	v, refused := ofMeasures.Read(query)
	if refused != nil {
		return nil, refused
	}
	if wanted := v.Text("measure"); wanted != "" {
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].Name
		}
		i := slices.Index(names, wanted)
		if i < 0 {
			return nil, dialect.NoneOf("measure", wanted, names)
		}
		all = all[i : i+1]
	}
	return map[string]any{"measures": all}, nil
}
