package drift

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write the table of properties into README.md")

// The page's table is made of the table that answers.
func TestThePageListsTheProperties(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	before, rest, ok := strings.Cut(page, "<!-- properties -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- end -->\n")
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the properties")
	}
	var b strings.Builder
	b.WriteString("| property | is | metric | what |\n|---|---|---|---|\n")
	for i := range properties {
		p := &properties[i]
		metric := ""
		if p.isMetric() {
			metric = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.name, kindNames[p.kind], metric, p.about)
	}
	want := before + "<!-- properties -->\n" + b.String() + "<!-- end -->\n" + after
	if *write {
		if err := os.WriteFile("README.md", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != want {
		t.Error("README.md is not what the table says: go test ./shared/dialect/drift -run Page -write")
	}
}
