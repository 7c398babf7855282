package cell

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	gostrings "strings"
	"testing"

	"chatreports/shared/measure"
)

var add = flag.Bool("add", false, "add lines to the golden files for what they do not name yet; no line is ever changed")

const storedFile = "testdata/stored.txt"

// TestNumbersAndNamesThatAreStoredStay: what is stored for years names measures,
// dimensions and classes by these numbers and names. A line of the golden file may
// only be changed by hand, and only together with a rebuild of everything stored.
// A new measure gets its line by
//
//	go test ./shared/cell -run Stored -add
func TestNumbersAndNamesThatAreStoredStay(t *testing.T) {
	raw, err := os.ReadFile(storedFile)
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for line := range gostrings.Lines(string(raw)) {
		if line = gostrings.TrimSpace(line); line != "" && line[0] != '#' {
			golden[nameOf(line)] = line
		}
	}
	var fresh []string
	for _, line := range storedLines() {
		switch was, known := golden[nameOf(line)]; {
		case !known:
			fresh = append(fresh, line)
		case fields(was) != fields(line):
			t.Errorf("%s says\n\t%s\nand the code\n\t%s\nwhat is stored already would be read as something else", storedFile, was, line)
		}
		delete(golden, nameOf(line))
	}
	for _, line := range slices.Sorted(maps.Values(golden)) {
		t.Errorf("%s says\n\t%s\nand the code knows it no more; a number is never used again, so it keeps its row", storedFile, line)
	}
	if len(fresh) == 0 {
		return
	}
	if !*add {
		t.Fatalf("%s has no line for\n\t%s\nadd them: go test ./shared/cell -run Stored -add", storedFile, gostrings.Join(fresh, "\n\t"))
	}
	f, err := os.OpenFile(storedFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(gostrings.Join(fresh, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
}

// nameOf is what a line is about: its first two words.
func nameOf(line string) string {
	w := gostrings.Fields(line)
	return gostrings.Join(w[:min(2, len(w))], " ")
}

func fields(line string) string { return gostrings.Join(gostrings.Fields(line), " ") }

func storedLines() (out []string) {
	for d := measure.None; d <= measure.Conversion; d++ {
		out = append(out, fmt.Sprintf("dimension %3d %s", d, d))
	}
	for s := measure.Sum; s <= measure.Computed; s++ {
		out = append(out, fmt.Sprintf("shape %3d %s", s, s))
	}
	for _, c := range classes {
		order := "by value, then time"
		if c.byTime {
			order = "by time, then value"
		}
		out = append(out, fmt.Sprintf("class %-2s of shape %s, %2d quarters, %s", c.name, classes[c.shape].name, c.span, order))
	}
	list := slices.Clone(measure.Catalogue)
	slices.SortFunc(list, func(a, b measure.Measure) int { return cmp.Compare(a.ID, b.ID) })
	for i := range list {
		m := &list[i]
		line := fmt.Sprintf("measure %3d %s %s %s", m.ID, m.Name, m.Unit, m.Shape)
		for _, s := range m.Series {
			line += fmt.Sprintf(" %s:%s", s, gostrings.Join(classesOf(m, s), "+"))
		}
		if first, n := chunksOf(m.ID); m.CanLast() {
			line += fmt.Sprintf(" open:%d-%d", first, first+n-1)
		}
		for _, id := range m.Of {
			line += fmt.Sprintf(" %s:%s", m.Rule, measure.Get(id).Name)
		}
		out = append(out, line)
	}
	return out
}

// classesOf are the names of the classes that a contribution of the measure is spread
// over.
func classesOf(m *measure.Measure, s measure.Series) []string {
	c := measure.Contribution{Measure: m.ID, Until: QuarterMillis, Value: 1000, N: 1, Key: "k"}
	var out []string
	spread(&c, s, Quarters{0, 1}, func(class Class, _ int64, _ ID, _ int64) { out = append(out, classes[class].name) })
	slices.Sort(out)
	return slices.Compact(out)
}
