package freshchat_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/freshchat"
)

// TestThePageHasTheColumnsThatRowsHave: go test ./shared/dialect/freshchat -run Page -update
// writes them.
func TestThePageHasTheColumnsThatRowsHave(t *testing.T) {
	const page = "README.md"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shared := sharedColumns()
	tables := map[string]string{"shared columns": columnsTable(slices.Collect(maps.Values(shared)), func(a, b dialect.Column) int { return strings.Compare(a.Name, b.Name) })}
	for _, r := range freshchat.Reports() {
		var names []string
		var own []dialect.Column
		for _, c := range r.Columns {
			names = append(names, "`"+c.Name+"`")
			if c != shared[c.Name] {
				own = append(own, c)
			}
		}
		tables["columns of "+r.Name] = "Columns: " + strings.Join(names, ", ") + ".\n\n" + columnsTable(own, nil)
	}
	fresh := old
	for name, table := range tables {
		begin, end := []byte("<!-- "+name+", made by page_test.go -->\n"), []byte("<!-- end of "+name+" -->")
		from, to := bytes.Index(fresh, begin), bytes.Index(fresh, end)
		if from < 0 || to < from {
			t.Fatalf("%s has no place for the %s", page, name)
		}
		fresh = slices.Concat(fresh[:from+len(begin)], []byte("\n"+table+"\n"), fresh[to:])
	}
	switch {
	case bytes.Equal(old, fresh):
	case *update:
		if err := os.WriteFile(page, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the declarations say: go test ./shared/dialect/freshchat -run Page -update", page)
	}
}

// sharedColumns are those that are the same in four reports or more.
func sharedColumns() map[string]dialect.Column {
	uses := map[dialect.Column]int{}
	for _, r := range freshchat.Reports() {
		for _, c := range r.Columns {
			uses[c]++
		}
	}
	out := map[string]dialect.Column{}
	for c, n := range uses {
		if n >= 4 {
			out[c.Name] = c
		}
	}
	return out
}

func columnsTable(list []dialect.Column, by func(a, b dialect.Column) int) string {
	if by != nil {
		slices.SortFunc(list, by)
	}
	if len(list) == 0 {
		return ""
	}
	text := "| column | type | |\n|---|---|---|\n"
	types := map[dialect.Type]string{dialect.Words: "text", dialect.Whole: "whole number", dialect.Truth: "`true` or `false`", dialect.Moment: "time"}
	for _, c := range list {
		text += fmt.Sprintf("| `%s` | %s | %s |\n", c.Name, types[c.Type], c.About)
	}
	return text
}
