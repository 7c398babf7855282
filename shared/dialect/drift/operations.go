package drift

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes the query.
func Operations() []dialect.Operation {
	return []dialect.Operation{{
		Method: http.MethodPost, Path: Path, Name: "query conversations", Tag: "Drift", Scope: dialect.ReportsRead,
		Parameters: parameters, Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Single: true, Columns: []string{"count", "data"},
		Refusals: []int{http.StatusRequestTimeout, http.StatusTooManyRequests},
		Body: &dialect.Body{Type: dialect.TypeJSON, About: "filters, metrics, and (ours) sort, limit and cursor", Example: map[string]any{
			"filters": []any{map[string]any{"property": "createdAt", "operation": "GT", "values": []string{"2026-11-01"}}}, "metrics": []string{"timeToCloseMillis"},
		}},
	}}
}
