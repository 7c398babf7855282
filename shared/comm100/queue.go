package comm100

import (
	"maps"
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// queueSizes answers the one column that is a maximum over several queues: of all
// of them, or of the department's own.
func (r *request) queueSizes(columns []column, buckets []report.Bucket, others *report.Result) (func(entity string, bucket int) float64, error) {
	if !slices.ContainsFunc(columns, func(c column) bool { return c.value == nil }) {
		return nil, nil
	}
	var where []measure.Value
	if r.filter == "department" {
		where = []measure.Value{{Dim: measure.Queue, ID: measure.Pair("department", r.filterValue)}}
	}
	result, err := r.run(buckets, measure.Queue, where, []report.Want{{Measure: measure.QueueLevel}})
	if err != nil {
		return nil, err
	}
	for queue := range result.Rows {
		if kind, id := measure.Unpair(queue); kind == "department" && r.group == "department" && others.Rows[id] == nil {
			others.Rows[id] = make([]report.Total, len(others.Query.Want)*len(buckets))
		}
	}
	return func(entity string, bucket int) float64 {
		if entity != "" {
			return float64(result.At(measure.Pair("department", entity), bucket, 0).Max())
		}
		best := int64(0)
		for queue := range result.Rows {
			best = max(best, result.At(queue, bucket, 0).Max())
		}
		return float64(best)
	}, nil
}

// requestPages lists the pages chats were requested on, by URL.
func requestPages(r *request) (any, error) {
	result, err := r.run(r.buckets(), measure.None, nil, []report.Want{{Measure: measure.ChatsByPage}})
	if err != nil {
		return nil, err
	}
	keys := result.At("", 0, 0).Keys
	out := []row{}
	for _, page := range slices.Sorted(maps.Keys(keys)) {
		if n := keys[page]; n > 0 {
			out = append(out, row{"requestPage": page, "chats": n})
		}
	}
	return out, nil
}
