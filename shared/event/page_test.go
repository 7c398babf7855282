package event

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var write = flag.Bool("write", false, "write the tables of README.md anew")

// page is the reference of events: its tables are made from the ones that parse.
const page = "README.md"

// TestThePageHasTheTablesThatParse: go test ./shared/event -run Page -write writes them.
func TestThePageHasTheTablesThatParse(t *testing.T) {
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fresh := old
	for name, table := range map[string]string{"types": typesTable(), "members": membersTable(), "objects": objectsTable()} {
		begin, end := []byte("<!-- "+name+", made by page_test.go -->\n"), []byte("<!-- end of "+name+" -->")
		from, to := bytes.Index(fresh, begin), bytes.Index(fresh, end)
		if from < 0 || to < from {
			t.Fatalf("%s has no place for the table of %s", page, name)
		}
		fresh = slices.Concat(fresh[:from+len(begin)], []byte("\n"+table+"\n"), fresh[to:])
	}
	switch {
	case bytes.Equal(old, fresh):
	case *write:
		if err := os.WriteFile(page, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the tables say: go test ./shared/event -run Page -write", page)
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func typesTable() string {
	var b strings.Builder
	b.WriteString("| type | subject | members of `data` | what it adds |\n|---|---|---|---|\n")
	for _, line := range typeTable {
		var members []string
		for _, m := range types[line.name].members {
			name := "`" + m.name
			if !m.required {
				name += "?"
			}
			if name += "`"; len(m.enum) > 0 {
				name += " (" + strings.Join(m.enum, ", ") + ")"
			}
			members = append(members, name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", line.name, line.subject, cell(strings.Join(members, " ")), cell(line.adds))
	}
	return b.String()
}

// membersTable lists the members that some type has, objectsTable those that some object has.
func membersTable() string {
	in := map[string]bool{}
	for _, spec := range types {
		for _, m := range spec.members {
			in[m.name] = true
		}
	}
	return tableOf(in)
}

func objectsTable() string {
	in := map[string]bool{}
	for _, specs := range structures {
		for _, m := range specs {
			in[m.name] = true
		}
	}
	return tableOf(in)
}

func tableOf(in map[string]bool) string {
	var b strings.Builder
	b.WriteString("| member | is | means |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(in)) {
		s := memberTable[name]
		is := (&memberSpec{name: name, shape: &s}).expect()
		switch s.kind {
		case identifier:
			is = strings.Replace(is, "a string", fmt.Sprintf("an id of at most %d bytes", MaxIDBytes), 1)
		case sourceOf:
			is = fmt.Sprintf("a string of at most %d bytes", MaxSourceBytes)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(is), cell(s.means))
	}
	return b.String()
}

// TestEveryMemberIsOfSomeType: the page tells of all members, and of nothing else.
func TestEveryMemberIsOfSomeType(t *testing.T) {
	all := membersTable() + objectsTable()
	for name, s := range memberTable {
		if !strings.Contains(all, "| `"+name+"` |") {
			t.Errorf("no type has the member %s", name)
		}
		if s.means == "" {
			t.Errorf("nothing says what %s means", name)
		}
	}
	for _, line := range typeTable {
		if line.adds == "" {
			t.Errorf("nothing says what %s adds", line.name)
		}
	}
}

// TestTheEventsOnThePageAreTaken: every event in a line of its own or of a batch.
func TestTheEventsOnThePageAreTaken(t *testing.T) {
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]int{}
	for _, line := range regexp.MustCompile(`(?m)^\s*(\{"specversion".*\})[,\]']*$`).FindAllSubmatch(raw, -1) {
		e, others, refusal := Parse(line[1], time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))
		if refusal != nil || len(others) > 0 {
			t.Errorf("%s\n%v %v", line[1], refusal, others)
		}
		taken[e.Type]++
	}
	for _, typ := range []string{"chat.requested", "chat.queued", "chat.accepted", "message.sent", "chat.closed", "chat.rated", "event.retracted"} {
		if taken[typ] == 0 {
			t.Errorf("the page has no %s to paste", typ)
		}
	}
}
