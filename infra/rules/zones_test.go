package rules

import (
	"go/ast"
	"testing"
)

// Zones come from shared/iana: what time.LoadLocation finds depends on the machine, and time/tzdata on Go's release.
func TestZonesDoNotDependOnTheMachine(t *testing.T) {
	for _, list := range goFiles(t) {
		for _, f := range list {
			for _, imported := range f.Imports {
				if imported.Path.Value == `"time/tzdata"` {
					t.Errorf("%s imports time/tzdata; zones come from shared/iana", f.name)
				}
			}
			ast.Inspect(f.File, func(n ast.Node) bool {
				if used, ok := n.(*ast.SelectorExpr); ok && (used.Sel.Name == "LoadLocation" || used.Sel.Name == "Local") {
					if pkg, ok := used.X.(*ast.Ident); ok && pkg.Name == "time" {
						t.Errorf("%s uses time.%s; zones come from shared/iana", f.name, used.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
