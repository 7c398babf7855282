package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// goFile is a parsed file of the module.
type goFile struct {
	name string
	*ast.File
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

// goFiles parses the module's Go files, by folder.
func goFiles(t *testing.T) map[string][]goFile {
	t.Helper()
	folders := map[string][]goFile{}
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, ".") || strings.Contains(name, "/testdata/") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		folders[path.Dir(name)] = append(folders[path.Dir(name)], goFile{name, parsed})
	}
	return folders
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	folders := goFiles(t)
	for _, folder := range sorted(folders) {
		list := folders[folder]
		// A folder that holds tests only says so in one of them.
		code := slices.DeleteFunc(slices.Clone(list), goFile.isTest)
		if len(code) == 0 {
			code = list
		}
		name := code[0].Name.Name
		want := "Package " + name + " "
		if name == "main" {
			want = "Command " + path.Base(folder) + " "
		}
		var docs []string
		for _, f := range code {
			if f.Doc != nil {
				docs = append(docs, f.Doc.Text())
			}
		}
		switch {
		case len(docs) != 1:
			t.Errorf("%s has %d package comments; it should have one", folder, len(docs))
		case !strings.HasPrefix(docs[0], want):
			first, _, _ := strings.Cut(docs[0], "\n")
			t.Errorf("%s: the package comment begins with %q; it should begin with %q", folder, first, want)
		}
	}
}

func TestPackagesAreNamedForWhatTheyDo(t *testing.T) {
	forbidden := strings.Fields("util utils common types model models helper helpers misc base lib")
	for folder, list := range goFiles(t) {
		for _, name := range []string{path.Base(folder), strings.TrimSuffix(list[0].Name.Name, "_test")} {
			if slices.Contains(forbidden, name) {
				t.Errorf("%s: a package is named for what it does, not %q", folder, name)
			}
		}
	}
}

// A test behind a build tag is one that plain `go test ./...` does not run and does not mention.
func TestNoTestIsBehindABuildTag(t *testing.T) {
	for _, list := range goFiles(t) {
		for _, f := range list {
			if !f.isTest() {
				continue
			}
			for _, group := range f.Comments {
				for _, c := range group.List {
					if strings.HasPrefix(c.Text, "//go:build ") && c.Pos() < f.Package {
						t.Errorf("%s: no build tag on a test; skip it in words that name what to set", f.name)
					}
				}
			}
		}
	}
}

// sorted are the folders in a fixed order.
func sorted(folders map[string][]goFile) []string {
	return slices.Sorted(maps.Keys(folders))
}
