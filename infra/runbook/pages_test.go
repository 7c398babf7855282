package runbook

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"chatreports/infra/runbook/insights"
)

var (
	headings = regexp.MustCompile(`(?m)^### (\w+)$`)
	commands = regexp.MustCompile("(?s)\n```\n(.+?)\n```\n")
	phrases  = regexp.MustCompile(`--filter-pattern '"([^"]+)"'`)
)

var (
	overrides = regexp.MustCompile(`(?m)--parameter-overrides (.*)$`)
	override  = regexp.MustCompile(`(\w+)=`)
)

func TestEveryAlarmIsInTheRunbook(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	alarms, _ := template(t)
	places := headings.FindAllStringSubmatchIndex(page, -1)
	for i, p := range places {
		name, end := page[p[2]:p[3]], len(page)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		if alarms[name] == nil {
			t.Errorf("%s is in the runbook, and not in the template", name)
		}
		delete(alarms, name)
		if !commands.MatchString(page[p[1]:end]) {
			t.Errorf("%s: the runbook does not say what to type", name)
		}
	}
	for name := range alarms {
		t.Errorf("%s is in the template, and not in the runbook", name)
	}
}

// What the runbook looks for in the log is logged.
func TestWhatTheRunbookLooksForIsLogged(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	functions := filepath.Join("..", "..", "shared", "function")
	files, err := os.ReadDir(functions)
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		if name := f.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			raw, err := os.ReadFile(filepath.Join(functions, name))
			if err != nil {
				t.Fatal(err)
			}
			code.Write(raw)
		}
	}
	found := phrases.FindAllStringSubmatch(string(page), -1)
	if len(found) < 3 {
		t.Fatalf("only %d phrases are found", len(found))
	}
	for _, f := range found {
		if !strings.Contains(code.String(), `"`+f[1]) {
			t.Errorf("no function logs %q", f[1])
		}
	}
}

// The parameters that pages set are the template's.
func TestParametersOnPagesAreTheTemplates(t *testing.T) {
	raw, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]any `yaml:"Parameters"`
		Globals    struct {
			Function struct {
				Architectures []string `yaml:"Architectures"`
			} `yaml:"Function"`
		} `yaml:"Globals"`
	}
	if err := yaml.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	if a := template.Globals.Function.Architectures; len(a) != 1 || a[0] != "arm64" && a[0] != "x86_64" {
		t.Errorf("functions are built for and run on %q, which should be one, written out", a)
	}
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "../../README.md", "../../samconfig.toml") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		lines := overrides.FindAllStringSubmatch(string(text), -1)
		if strings.HasSuffix(page, ".toml") {
			lines = regexp.MustCompile(`(?m)^parameter_overrides = \[(.*)\]$`).FindAllStringSubmatch(string(text), -1)
		}
		for _, line := range lines {
			for _, name := range override.FindAllStringSubmatch(strings.Split(line[1], "`")[0], -1) {
				if found++; template.Parameters[name[1]] == nil {
					t.Errorf("%s sets %s, which is no parameter of the template", page, name[1])
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d parameters are found", found)
	}
}

// What pages ask CloudWatch Logs Insights is a query.
func TestQueriesOnPagesAreUnderstood(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	asked, found := 0, 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		asked += strings.Count(string(text), "aws logs start-query")
		for _, m := range regexp.MustCompile(`--query-string '([^']*)'`).FindAllStringSubmatch(string(text), -1) {
			found++
			if _, err := insights.Parse(m[1]); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	if found < 2 || found != asked {
		t.Errorf("%d queries are asked, and %d found", asked, found)
	}
}
