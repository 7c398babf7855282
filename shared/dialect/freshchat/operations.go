package freshchat

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes how a raw report is asked for, and its job.
func Operations() []dialect.Operation {
	const tag = "Freshchat"
	properties := []string{"id", "status", "links", "event", "start", "end"}
	return []dialect.Operation{
		{
			Method: http.MethodPost, Path: documented, Name: "ask for a raw report", Tag: tag, Scope: dialect.ReportsRead, Parameters: parameters, Status: http.StatusAccepted,
			Types: []string{dialect.TypeJSON}, Single: true, Columns: properties, Refusals: []int{http.StatusTooManyRequests},
			Body: &dialect.Body{Type: dialect.TypeJSON, About: "the window, the event whose report it is, and the format", Example: map[string]string{
				"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z", "event": "Conversation-Created", "format": "csv",
			}},
		},
		{
			Method: http.MethodGet, Path: documented + "/{id}", Parts: dialect.Parameters{{Name: "id", About: "the id that the job was given"}}, Name: "look at a raw report's job", Tag: tag, Scope: dialect.ReportsRead,
			Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: properties, Refusals: []int{http.StatusNotFound, http.StatusTooManyRequests},
		},
	}
}

// documented is the path as the vendor's document has it; it works without /v2, too.
const documented = "/v2" + path
