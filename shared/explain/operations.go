package explain

import (
	"net/http"
	"slices"

	"chatreports/shared/dialect"
)

// Operations describes both questions, of the reports of some tables: the parameters of
// rows are those of every report together.
func Operations(reports Reports) []dialect.Operation {
	const tag = "Ours"
	rows := slices.Clone(ofRows)
	for _, name := range reports.Names() {
		for _, p := range reports.Find(name).Parameters() {
			if !slices.Contains(rows.Names(), p.Name) {
				p.Required, p.Values, p.Repeatable = false, nil, true
				rows = append(rows, p)
			}
		}
	}
	return []dialect.Operation{
		{
			Method: http.MethodGet, Path: MeasuresPath, Name: "what is counted", Tag: tag, Scope: dialect.ReportsRead, Parameters: ofMeasures,
			Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"measures"},
		},
		{
			Method: http.MethodGet, Path: RowsPath, Name: "the rows behind a figure", Tag: tag, Scope: dialect.ReportsRead, Parameters: rows,
			Status: http.StatusOK, Types: []string{dialect.TypeJSON, dialect.TypeCSV}, Single: true, Columns: []string{"report", "measure", "unit", "total", "sums", "rows", "next"},
			Refusals: []int{http.StatusTooManyRequests}, Headers: map[string]string{"Warning": "a filter value that nobody has heard of, with those that may be meant"},
			Example: "report=chatVolume&timeFrom=2026-11-01T00:00:00&timeTo=2026-11-08T00:00:00&group=day&measure=chats",
		},
	}
}
