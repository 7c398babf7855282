package chatbot

import (
	"net/http"

	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
)

// Operations describes every report.
func Operations() []dialect.Operation {
	out := make([]dialect.Operation, len(definitions))
	for i := range definitions {
		out[i] = dialect.Operation{
			Method: http.MethodGet, Path: Prefix + definitions[i].name, Name: definitions[i].name, Tag: "ChatBot", Scope: tenant.ReportsRead,
			Parameters: definitions[i].parameters(), Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Single: definitions[i].name != "interactions",
			Refusals: []int{http.StatusBadRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable}, Example: "period=last7days",
		}
	}
	return out
}
