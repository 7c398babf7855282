package explain_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/explain"
)

var update = flag.Bool("update", false, "write the pages that are made from tables")

// tables are those of all dialects.
var tables = explain.Tables{comm100.Explained, chatbot.Explained, drift.Explained}

const measuresPage = "../measure/README.md"

// TestTheMeasuresPageIsFresh: the page is made from the table that computes.
func TestTheMeasuresPageIsFresh(t *testing.T) {
	want := measuresMarkdown()
	if *update {
		if err := os.WriteFile(measuresPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(measuresPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the catalogue says now: go generate ./shared/explain", measuresPage)
	}
}

func measuresMarkdown() string {
	var b strings.Builder
	b.WriteString("# What is counted\n\n" +
		"Made from the catalogue by `go generate ./shared/explain`; `GET /v1/measures` answers the same as JSON.\n\n" +
		"How contributions add up (shape): *sum* counts at a time; *samples* are lengths, with their number; a *level* is spread over the time it covers; a *step* is kept as a\n" +
		"function of time; *keyed* counts under a key; a *peak* is the largest value in each quarter hour; *computed* is made on read of other measures. `ms` are told in seconds, `millionths` as decimal values.\n")
	for _, m := range explain.Measures(tables) {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n| | |\n|---|---|\n", m.Name, strings.ToUpper(m.Definition[:1])+m.Definition[1:])
		line := func(name, text string) {
			if text != "" {
				fmt.Fprintf(&b, "| %s | %s |\n", name, text)
			}
		}
		line("unit, shape", m.Unit+", "+m.Shape)
		line("counts", m.Counts)
		line("for", m.For)
		line("computed from", strings.Join(m.From, ", "))
		line("kept by", strings.Join(m.Dimensions, ", "))
		var shown []string
		for i, p := range m.Reports {
			text := "`" + p.Property + "`"
			if p.InDistribution != "" {
				text += " (`" + p.InDistribution + "`)"
			}
			if i == 0 || m.Reports[i-1].Report != p.Report {
				text = p.Report + ": " + text
				shown = append(shown, text)
				continue
			}
			shown[len(shown)-1] += ", " + text
		}
		line("shown in", strings.Join(shown, "<br>"))
	}
	return b.String()
}

// forRows are measures that no figure shows: they say which conversations there are.
var forRows = []string{"touchedChats", "names", "userNames", "attendingChats", "visitorActs"}

// Every measure is shown somewhere, or something shown is computed from it.
func TestNothingIsCountedInVain(t *testing.T) {
	all := explain.Measures(tables)
	used := slices.Clone(forRows)
	for _, m := range all {
		used = append(used, m.From...)
	}
	for _, m := range all {
		if len(m.Reports) == 0 && !slices.Contains(used, m.Name) {
			t.Errorf("no report shows %s", m.Name)
		}
		if m.Definition == "" || m.Counts == "" || m.For == "" {
			t.Errorf("%s is not told: %+v", m.Name, m)
		}
	}
}
