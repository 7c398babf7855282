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
