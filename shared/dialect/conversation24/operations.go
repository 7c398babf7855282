package conversation24

import (
	"net/http"

	"chatreports/shared/dialect"
)

// Operations describes every export, and what can be done with public links.
func Operations() []dialect.Operation {
	const tag = "Conversation24"
	var out []dialect.Operation
	for _, r := range Reports() {
		columns := make([]string, len(r.Columns))
		for i := range r.Columns {
			columns[i] = r.Columns[i].Name
		}
		out = append(out, dialect.Operation{
			Method: http.MethodGet, Path: Path + r.Name, Name: r.Name, Tag: tag, Scope: dialect.ReportsRead,
			Parameters: r.Parameters, Status: http.StatusOK, Types: []string{dialect.TypeCSV, dialect.TypeLines, dialect.TypeParquet}, Columns: columns, Redirects: true,
			Refusals: []int{http.StatusTooManyRequests}, Example: "from=2026-11-01&to=2026-11-02",
		})
		if !r.List {
			out[len(out)-1].Headers = map[string]string{"Warning": "a campaign's name where its id is wanted, with the id"}
		}
	}
	names := make([]string, len(reports))
	for i := range reports {
		names[i] = reports[i].name
	}
	return append(out,
		dialect.Operation{
			Method: http.MethodPost, Path: Path + "{report}/links", Parts: dialect.Parameters{{Name: "report", Values: names, About: "the name of an export"}}, Name: "make a public link", Tag: tag, Scope: dialect.ExportsWrite, Status: http.StatusCreated,
			Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"token", "url"}, Refusals: []int{http.StatusNotFound, http.StatusConflict},
			Body: &dialect.Body{Type: dialect.TypeJSON, About: "the export's parameters as members, and when the link expires (expiresAt)", Optional: true, Example: map[string]string{"from": "2026-11-01", "to": "2026-12-01"}},
		},
		dialect.Operation{
			Method: http.MethodGet, Path: Path + "links", Name: "list the public links", Tag: tag, Scope: dialect.ReportsRead, Status: http.StatusOK,
			Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"links"},
		},
		dialect.Operation{
			Method: http.MethodDelete, Path: Path + "links/{link}", Parts: dialect.Parameters{{Name: "link", About: "the token of the link, or its id"}}, Name: "revoke a public link", Tag: tag, Scope: dialect.ExportsWrite,
			Status: http.StatusNoContent, Refusals: []int{http.StatusNotFound},
		},
		dialect.Operation{
			Method: http.MethodGet, Path: PublicPath + "{token}", Parts: dialect.Parameters{{Name: "token", About: "the token of the link, which is the key"}}, Name: "what a public link leads to", Tag: tag,
			Status: http.StatusOK, Types: []string{dialect.TypeCSV, dialect.TypeLines, dialect.TypeParquet}, Redirects: true, Refusals: []int{http.StatusNotFound, http.StatusTooManyRequests},
		})
}
