package comm100

import (
	"maps"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// apart is a dimension that narrows only some of a report's measures: a filter on conversions
// and a row of a conversion action narrow the conversions, not the chats, which are everybody's.
type apart struct {
	dim measure.Dim
	// narrows says whether it narrows a measure.
	narrows func(id measure.ID) bool
}

func ofConversions(id measure.ID) bool {
	return slices.Contains(measure.Get(id).Series, measure.Series{measure.Conversion})
}

// parts says whether the report is answered from two queries.
func (a *apart) parts(by measure.Dim, where []measure.Value) bool {
	return a != nil && (by == a.dim || slices.ContainsFunc(where, a.is))
}

func (a *apart) is(v measure.Value) bool { return v.Dim == a.dim }

// queries are those that the wants are answered from: one, or that of what is narrowed and that
// of the rest.
func (r *request) queries(buckets []report.Bucket, by measure.Dim, where []measure.Value, want []report.Want) []*report.Query {
	a := r.def.apart
	if !a.parts(by, where) {
		return []*report.Query{{Buckets: buckets, By: by, Where: where, Want: want}}
	}
	narrowed := &report.Query{Buckets: buckets, By: by, Where: where}
	rest := &report.Query{Buckets: buckets, By: by, Where: slices.DeleteFunc(slices.Clone(where), a.is)}
	if by == a.dim {
		rest.By = measure.None
	}
	for _, w := range want {
		if a.narrows(w.Measure) {
			narrowed.Want = append(narrowed.Want, w)
		} else {
			rest.Want = append(rest.Want, w)
		}
	}
	return []*report.Query{narrowed, rest}
}

// joined is the result of such queries as that of one.
func (r *request) joined(results []*report.Result, want []report.Want) *report.Result {
	switch len(results) {
	case 0:
		return &report.Result{Totals: map[string]report.Totals{}}
	case 1:
		return results[0]
	}
	narrow, wide := results[0], results[1]
	byIt := narrow.Query.By != wide.Query.By
	ids := keysOf(narrow.Totals)
	if !byIt {
		maps.Copy(ids, keysOf(wide.Totals))
	}
	out := &report.Result{Query: &report.Query{Buckets: narrow.Query.Buckets, Want: want}, Totals: map[string]report.Totals{}}
	for id := range ids {
		// What it narrows has a row only where there is any of it.
		if row, some := r.interleave(narrow, wide, id, byIt, want); some || !byIt {
			out.Totals[id] = row
		}
	}
	return out
}

// interleave is one entity's row of all wants, and whether anything narrowed counts in it.
func (r *request) interleave(narrow, wide *report.Result, id string, byIt bool, want []report.Want) (row report.Totals, some bool) {
	row = report.Totals{}
	wideID := id
	if byIt {
		wideID = ""
	}
	for b := range narrow.Query.Buckets {
		if narrow.Totals[id][b] == nil && wide.Totals[wideID][b] == nil {
			continue
		}
		n, totals := 0, make([]report.Total, len(want))
		for i, w := range want {
			if r.def.apart.narrows(w.Measure) {
				totals[i] = *narrow.At(id, b, n)
				some = some || totals[i].N > 0
				n++
			} else {
				totals[i] = *wide.At(wideID, b, i-n)
			}
		}
		row[b] = totals
	}
	return row, some
}
