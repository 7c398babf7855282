package storedtest

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/stored"
)

// Members wants the structures of some types to have every member that a file names,
// under the same key and holding the same. add: what it does not name yet is added to
// it; no line is ever changed.
func Members(t *testing.T, file string, add bool, types ...reflect.Type) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil && !add {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	now := stored.Members(types...)
	for _, line := range known {
		if line != "" && !slices.Contains(now, line) {
			t.Errorf("%s has\n\t%s\nand the code has no such member any more: what is stored would be read as something else", file, line)
		}
	}
	fresh := slices.DeleteFunc(now, func(line string) bool { return slices.Contains(known, line) })
	switch {
	case len(fresh) == 0:
	case !add:
		t.Errorf("%s does not name\n\t%s\nadd them by running the test with -add", file, strings.Join(fresh, "\n\t"))
	default:
		if err := os.WriteFile(file, append(raw, strings.Join(fresh, "\n")+"\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
