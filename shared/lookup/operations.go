package lookup

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes both questions.
func Operations() []dialect.Operation {
	const tag = "Ours"
	return []dialect.Operation{
		{
			Method: http.MethodGet, Path: DirectoryPrefix + "{kind}", Parts: dialect.Parameters{{Name: "kind", Values: kindNames(), About: "which kind"}}, Name: "which entities there are", Tag: tag, Scope: dialect.ReportsRead,
			Parameters: ofDirectory, Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Columns: []string{"id", "name", "announced"},
			Refusals: []int{http.StatusNotFound},
		},
		{
			Method: http.MethodGet, Path: ChatPrefix + "{id}", Parts: dialect.Parameters{{Name: "id", About: "the id of a chat"}}, Name: "one chat, whole", Tag: tag, Scope: dialect.ReportsRead,
			Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"id", "known", "events", "counts"},
			Refusals: []int{http.StatusNotFound},
		},
	}
}
