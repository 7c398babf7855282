package rules

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A skip says "set CHATREPORTS_X=…", or "install X".
var (
	variable = regexp.MustCompile(`\bCHATREPORTS_[A-Z0-9_]+\b`)
	program  = regexp.MustCompile(`\binstall ([a-z0-9.+-]+)`)
	packages = regexp.MustCompile(`(?m)^programs="(.*)"`)
)

// TestEverySkipNamesWhatToSet: whoever reads that a test was skipped can make it run, and .ci/run does.
func TestEverySkipNamesWhatToSet(t *testing.T) {
	ci := read(t, ".ci/run")
	installed := packages.FindStringSubmatch(ci)
	if installed == nil {
		t.Fatal(".ci/run has no list of programs")
	}
	folders := goFiles(t)
	for _, folder := range sorted(folders) {
		constants := stringConstants(folders[folder])
		for _, f := range folders[folder] {
			ast.Inspect(f.File, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !isSkip(call) {
					return true
				}
				words := text(call, constants)
				names, wanted := variable.FindAllString(words, -1), program.FindAllStringSubmatch(words, -1)
				if len(names) == 0 && len(wanted) == 0 {
					t.Errorf("%s: a skip without words that say what to set (set CHATREPORTS_…) or to install (install …)", f.name)
				}
				for _, w := range wanted {
					if !slices.Contains(strings.Fields(installed[1]), w[1]) {
						t.Errorf("%s: a test is skipped without %s, and .ci/run does not install it", f.name, w[1])
					}
				}
				for _, name := range names {
					if !strings.Contains(ci, name+"=") {
						t.Errorf("%s: a test is skipped without %s, and .ci/run does not set it", f.name, name)
					}
				}
				return true
			})
		}
	}
}

// isSkip tells whether the call is t.Skip, t.Skipf or t.SkipNow, whatever t is called.
func isSkip(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	receiver, ok := selector.X.(*ast.Ident)
	if !ok || receiver.Name != "t" && receiver.Name != "b" && receiver.Name != "f" && receiver.Name != "tb" {
		return false
	}
	switch selector.Sel.Name {
	case "Skip", "Skipf", "SkipNow":
		return true
	}
	return false
}

// text is what is literally in the call's arguments.
func text(call *ast.CallExpr, constants map[string]string) string {
	var words []string
	for _, argument := range call.Args {
		ast.Inspect(argument, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				words = append(words, unquoted(n))
			case *ast.Ident:
				words = append(words, constants[n.Name])
			}
			return true
		})
	}
	return strings.Join(words, " ")
}

// stringConstants are the folder's constants of the form name = "value".
func stringConstants(list []goFile) map[string]string {
	constants := map[string]string{}
	for _, f := range list {
		ast.Inspect(f.File, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					if literal, ok := spec.Values[i].(*ast.BasicLit); ok {
						constants[name.Name] = unquoted(literal)
					}
				}
			}
			return true
		})
	}
	return constants
}

func unquoted(literal *ast.BasicLit) string {
	if literal.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(literal.Value)
	return s
}
