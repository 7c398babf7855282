package freshchat

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes how a raw report is asked for, and its job.
func Operations() []dialect.Operation {
	const tag = "Freshchat"
	return []dialect.Operation{
		{
			Method: http.MethodPost, Path: documented, Name: "ask for a raw report", Tag: tag, Scope: dialect.ReportsRead, Parameters: parameters, Status: http.StatusAccepted,
			Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"id", "link"}, Refusals: []int{http.StatusTooManyRequests},
			Body: &dialect.Body{Type: dialect.TypeJSON, About: "the window, the event whose report it is, and the format", Schema: schema(), Example: map[string]string{
				"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z", "event": "Conversation-Created", "format": "csv",
			}},
		},
		{
			Method: http.MethodGet, Path: documented + "/{id}", Parts: dialect.Parameters{{Name: "id", About: "the id that the job was given"}}, Name: "look at a raw report's job", Tag: tag, Scope: dialect.ReportsRead,
			Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"id", "interval", "status", "links", "message", "progress", "file"}, Refusals: []int{http.StatusNotFound, http.StatusTooManyRequests},
		},
	}
}

// schema is that of what is asked for; other members are ignored.
func schema() any {
	type object = map[string]any
	kinds := []any{"", nil}
	for _, f := range formats {
		kinds = append(kinds, f.name)
	}
	return object{"type": "object", "required": []string{"start", "end", "event"}, "properties": object{
		"start":  object{"type": "string", "minLength": 1, "description": "RFC 3339 with its offset, or a date: midnight UTC; at most 15 months ago"},
		"end":    object{"type": "string", "minLength": 1, "description": "likewise, and out of the window; at most a month after start"},
		"event":  object{"type": "string", "enum": names()},
		"format": object{"type": []string{"string", "null"}, "enum": kinds, "default": formats[0].name, "description": "in any case of letters"},
	}}
}

// documented is the path as the vendor's document has it; it works without /v2, too.
const documented = "/v2" + path
