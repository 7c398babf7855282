package scenario

import (
	"fmt"
	"strings"
)

// An answer that is not JSON is written as it is, but for what a line of a scenario
// cannot hold or does not show: a carriage return is \r, a backslash \\, a '#' or
// '-' at the beginning of a line \# or \-, and a line that ends without a line feed
// ends with a backslash.

// readText reads what writeText wrote.
func readText(text string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i:min(i+1, len(text))]; c {
		case "r":
			b.WriteByte('\r')
		case `\`, "#", "-":
			b.WriteString(c)
		case "\n":
		default:
			return "", fmt.Errorf(`\%s in a text; there are \r, \\, \#, \- and \ at the end of a line`, c)
		}
	}
	return b.String(), nil
}

func writeText(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.NewReplacer(`\`, `\\`, "\r", `\r`).Replace(line)
		if line[0] == '#' || line[0] == '-' {
			b.WriteByte('\\')
		}
		b.WriteString(line)
	}
	if !strings.HasSuffix(text, "\n") {
		b.WriteString("\\\n")
	}
	return b.String()
}
