package comm100

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes every report.
func Operations() []dialect.Operation {
	out := make([]dialect.Operation, len(definitions))
	for i := range definitions {
		d := &definitions[i]
		o := dialect.Operation{
			Method: http.MethodGet, Path: Prefix + d.paths[0], Name: d.paths[0], Tag: "Comm100", Scope: dialect.ReportsRead,
			Parameters: d.takes(), Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Columns: d.properties(), Single: d.single,
			Refusals: []int{http.StatusBadRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable},
		}
		if d.filters != nil {
			o.Headers = map[string]string{"Warning": "a filter value that nobody has heard of, with those that may be meant"}
		}
		if d.byEntities() != nil {
			o.Headers["Note"] = "how rows of entities add up, where that is not to the total"
		}
		if !d.realtime() {
			o.Example = "timeFrom=2026-11-01T00:00:00&timeTo=2026-11-08T00:00:00"
		}
		if d.groups != nil {
			o.Example += "&group=" + groupDay
		}
		out[i] = o
	}
	return out
}

// properties are the names of what rows may have besides what they are of.
func (d *definition) properties() []string {
	if d.table != nil {
		return d.table
	}
	return namesOfColumns(d.columns)
}
