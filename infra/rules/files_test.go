package rules

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// root is the module's folder, seen from this package.
var root = os.DirFS("../..")

// files lists the module's files by path from its root. Dot-folders are left out (git's, sam's, an editor's), but
// for .ci, which is written by hand.
func files(t *testing.T) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == ".git" && !entry.IsDir() { // of a worktree: it says where its repository is
			return nil
		}
		if !entry.IsDir() {
			list = append(list, name)
			return nil
		}
		base := path.Base(name)
		if strings.HasPrefix(base, ".") && base != "." && base != ".ci" || base == "node_modules" {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("only %d files found: is this run in its own folder?", len(list))
	}
	return list
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// lines counts as wc does.
func lines(t *testing.T, name string) int {
	t.Helper()
	return strings.Count(read(t, name), "\n")
}
