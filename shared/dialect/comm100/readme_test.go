package comm100_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect/comm100"
)

// Every line of the reference's table is asked, and every report is in it.
func TestReferenceNamesEveryReportWithALineThatWorks(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newSystem(t, time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\|[^|]*\\| (?:yes|no) \\| `([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		path, query, _ := strings.Cut(m[1], "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		asked[path] = true
		if status, body := s.ask(path, values); status != 200 {
			t.Errorf("%s: %d %v", m[1], status, body)
		}
	}
	for _, r := range comm100.Reports() {
		if !asked[r.Path] {
			t.Errorf("the reference has no line for %s", r.Path)
		}
	}
}

// Every parameter is told, and what is told of its values is what is taken.
func TestReferenceNamesEveryParameter(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## Parameters")
	told, _, _ := strings.Cut(rest, "\n## ")
	for _, r := range comm100.Reports() {
		for _, p := range r.Parameters {
			if p.About == "" {
				t.Errorf("%s of %s is not told", p.Name, r.Path)
			}
			if !regexp.MustCompile("`" + p.Name + "[`=]").MatchString(told) {
				t.Errorf("the reference does not name %s of %s", p.Name, r.Path)
			}
			for _, v := range p.Values {
				if p.Name != "group" && p.Name != "by" && p.Name != "filterName" && p.Name != "format" && !strings.Contains(told, v) {
					t.Errorf("the reference does not name the value %s of %s", v, p.Name)
				}
			}
		}
	}
}
