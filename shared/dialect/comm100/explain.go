package comm100

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Paths of our own, beside the vendor's.
const (
	MeasuresPath = "/v1/measures"
	RowsPath     = "/v1/rows"
)

// Problem is a refusal of ours (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// Field is the parameter that is wrong.
	Field string `json:"field,omitempty"`
}

func (p *Problem) Error() string { return p.Detail }

// Codes of problems.
const (
	unknownParameter = "unknown_parameter"
	missingParameter = "missing_parameter"
	invalidParameter = "invalid_parameter"
)

func refuse(code, field, format string, args ...any) *Problem {
	return &Problem{
		Status: http.StatusBadRequest, Code: code, Title: http.StatusText(http.StatusBadRequest),
		Detail: fmt.Sprintf(format, args...), Field: field,
	}
}

func invalid(field, format string, args ...any) *Problem {
	return refuse(invalidParameter, field, "Parameter '%s' is invalid: %s.", field, fmt.Sprintf(format, args...))
}

var named = regexp.MustCompile(`^Parameter '([^']*)' is (unknown|required)?`)

// problem is a report's own refusal in our words.
func (e *Error) problem() *Problem {
	p := &Problem{Status: e.Status, Code: invalidParameter, Title: http.StatusText(e.Status), Detail: e.Message}
	if e.Status == http.StatusForbidden {
		p.Code = "forbidden"
	}
	if m := named.FindStringSubmatch(e.Message); m != nil {
		p.Field = m[1]
		switch m[2] {
		case "unknown":
			p.Code = unknownParameter
		case "required":
			p.Code = missingParameter
		}
	}
	return p
}

// Explainer says what figures are and what they are made of.
type Explainer struct{ state table.Table }

// NewExplainer returns the Explainer over the state's table.
func NewExplainer(state table.Table) *Explainer { return &Explainer{state} }

// Answer answers one request. The error is of storage; a refusal is a *Problem in
// the body.
func (x *Explainer) Answer(ctx context.Context, t *tenant.Tenant, path string, query url.Values, now time.Time) (status int, body any, err error) {
	switch path {
	case MeasuresPath:
		body, err = x.measures(query)
	case RowsPath:
		body, err = x.rows(ctx, t, query, now)
	default:
		err = &Problem{
			Status: http.StatusNotFound, Code: "not_found", Title: http.StatusText(http.StatusNotFound),
			Detail: "There is nothing at " + path + ".",
		}
	}
	if refused, ok := errors.AsType[*Problem](err); ok {
		return refused.Status, refused, nil
	}
	return http.StatusOK, body, err
}

// measures answers the catalogue, or one measure of it.
func (x *Explainer) measures(query url.Values) (any, error) {
	all := Measures()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch {
		case name != "measure":
			return nil, refuse(unknownParameter, name, "Parameter '%s' is unknown. Known parameters: measure.", clip(name))
		case len(query[name]) > 1:
			return nil, invalid(name, "it is given %d times; give it once", len(query[name]))
		}
	}
	if wanted := query.Get("measure"); wanted != "" {
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].Name
		}
		i := slices.Index(names, wanted)
		if i < 0 {
			return nil, invalid("measure", "%q is none of %s", clip(wanted), strings.Join(names, ", "))
		}
		all = all[i : i+1]
	}
	return map[string]any{"measures": all}, nil
}
