package rules

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestTheTopLevelIsFixed(t *testing.T) {
	allowed := strings.Fields("functions shared infra events template.yaml samconfig.toml go.mod go.sum README.md")
	entries, err := fs.ReadDir(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) {
			t.Errorf("%s: at the top there are only %s and dot-files", name, strings.Join(allowed, ", "))
		}
	}
}

func TestAFunctionIsOneShortMain(t *testing.T) {
	const most = 40
	functions := 0
	for _, name := range files(t) {
		if !strings.HasPrefix(name, "functions/") || !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") {
			continue
		}
		if ok, _ := path.Match("functions/*/main.go", name); !ok {
			if !strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s: a function is one main.go in a folder of its own; what it does is in shared/", name)
			}
			continue
		}
		functions++
		if n := lines(t, name); n > most {
			t.Errorf("%s has %d lines; a main has at most %d: what is needed, and what is built of it", name, n, most)
		}
	}
	if functions == 0 {
		t.Error("functions/ has no main.go")
	}
}

func TestFilesAreShort(t *testing.T) {
	const most = 400
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if n := lines(t, name); n > most {
			t.Errorf("%s has %d lines; a file does one thing in at most %d", name, n, most)
		}
	}
}
