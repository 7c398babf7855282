package oracle

import "strings"

// CSV is a sheet as RFC 4180 has it: lines end CRLF, a cell is quoted if it must be.
func CSV(sheet [][]string) string {
	var b strings.Builder
	for _, row := range sheet {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(",")
			}
			if strings.ContainsAny(cell, ",\"\r\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}
