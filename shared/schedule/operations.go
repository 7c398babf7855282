package schedule

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes the listing.
func Operations() []dialect.Operation {
	return []dialect.Operation{{
		Method: http.MethodGet, Path: Path, Name: "what is delivered, and how far", Tag: "Ours", Scope: dialect.ReportsRead,
		Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"schedules"},
	}}
}
