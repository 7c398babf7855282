package chatbot

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes every report.
func Operations() []dialect.Operation {
	out := make([]dialect.Operation, len(definitions))
	for i := range definitions {
		// Points, but for two reports: hours in lists of days, and interactions.
		columns, single := []string{"data", "summary"}, true
		switch definitions[i].name {
		case "busiest-period":
			columns, single = nil, false
		case "interactions":
			columns, single = []string{"parentId", "type", "name", "id", "usage", "value"}, false
		}
		out[i] = dialect.Operation{
			Method: http.MethodGet, Path: Prefix + definitions[i].name, Name: definitions[i].name, Tag: "ChatBot", Scope: dialect.ReportsRead,
			Parameters: definitions[i].parameters(), Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Columns: columns, Single: single,
			Refusals: []int{http.StatusTooManyRequests}, Example: "period=last7days",
		}
	}
	return out
}
