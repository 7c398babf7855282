package conversation24

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of columns into the README")

// The reference tells every parameter, and every column of every export in its order.
func TestReferenceNamesEveryColumnAndParameter(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for i := range reports {
		r := &reports[i]
		before, rest, ok := strings.Cut(page, "\n### "+r.name+"\n")
		text, table, ok2 := strings.Cut(rest, "| column | |\n|---|---|\n")
		table, after, ok3 := strings.Cut(table, "\n\n")
		if !ok || !ok2 || !ok3 || strings.Contains(text, "\n### ") {
			t.Fatalf("%s has no section with a table of columns", r.name)
		}
		var lines []string
		for _, c := range r.columns {
			lines = append(lines, fmt.Sprintf("| `%s` | %s |", c.Name, c.About))
		}
		want := strings.Join(lines, "\n")
		if table != want && !*update {
			t.Errorf("%s: the columns are others; go test -update writes them", r.name)
		}
		page = before + "\n### " + r.name + "\n" + text + "| column | |\n|---|---|\n" + want + "\n\n" + after
		for _, p := range r.parameters() {
			if !strings.Contains(page, "`"+p.Name+"`") {
				t.Errorf("%s: parameter %s is not told", r.name, p.Name)
			}
		}
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
