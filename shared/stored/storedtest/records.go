// Package storedtest keeps records as earlier versions of the code have stored them.
// In: the tables of a system, once for each generation. Out: its records, for tests
// that read them: a package that stores something says in a test of its own what
// they mean.
//
// A generation is written by TestEveryKindOfRecordIsKept of shared/verify, when a form has
// changed, and is never changed afterwards.
package storedtest

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/table"
)

//go:embed records/*.txt
var files embed.FS

// Record is a record and the table it was in: journal or state.
type Record struct {
	Generation, Table string
	table.Item
}

// Name says which record it is, in one line.
func (r *Record) Name() string {
	return fmt.Sprintf("%s %s %q %q", r.Generation, r.Table, r.Part, r.Sort)
}

// Generations are the names of all generations, oldest first.
func Generations(t testing.TB) (out []string) {
	t.Helper()
	names, err := fs.Glob(files, "records/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, n := range names {
		out = append(out, strings.TrimSuffix(path.Base(n), ".txt"))
	}
	return out
}

// Read returns the records of one generation.
func Read(t testing.TB, generation string) (out []Record) {
	t.Helper()
	raw, err := files.ReadFile("records/" + generation + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := lines.Text(); line != "" && line[0] != '#' {
			r := Record{Generation: generation}
			var value string
			if _, err := fmt.Sscanf(line, layout, &r.Table, &r.Part, &r.Sort, &r.Version, &r.Expires, &value); err != nil {
				t.Fatalf("%s: %q: %v", generation, line, err)
			}
			if r.Value, err = hex.DecodeString(value); err != nil {
				t.Fatalf("%s: %q: %v", generation, line, err)
			}
			out = append(out, r)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

const layout = "%s %q %q %d %d %s"

// All returns the records of all generations that are wanted, and fails if none is.
func All(t testing.TB, wanted func(*Record) bool) (out []Record) {
	t.Helper()
	for _, g := range Generations(t) {
		out = append(out, slices.DeleteFunc(Read(t, g), func(r Record) bool { return !wanted(&r) })...)
	}
	if len(out) == 0 {
		t.Fatal("no generation has such a record")
	}
	return out
}

// Write adds a generation to the source of this package, which dir is.
func Write(dir, generation, comment string, list []Record) error {
	file := path.Join(dir, "records", generation+".txt")
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s: a generation is written once", file)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n# table, partition, sort key, version, expires, value\n", comment)
	for _, r := range list {
		fmt.Fprintf(&b, layout+"\n", r.Table, r.Part, r.Sort, r.Version, r.Expires, hex.EncodeToString(r.Value))
	}
	return os.WriteFile(file, b.Bytes(), 0o600)
}

// Meanings is a file that says what records mean: a line of JSON after the name of
// each.
type Meanings struct {
	t     testing.TB
	file  string
	add   bool
	means map[string]string
	fresh []string
}

// Open reads a file of meanings; add: what it does not name yet is added to it when
// the test ends. No line is ever changed.
func Open(t testing.TB, file string, add bool) *Meanings {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil && !add {
		t.Fatal(err)
	}
	m := &Meanings{t: t, file: file, add: add, means: map[string]string{}}
	lines := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		m.means[lines[i]] = strings.TrimSpace(lines[i+1])
	}
	t.Cleanup(m.close)
	return m
}

// Check wants a record's value, decoded, to mean what it always meant. Members that
// the structure has got since then must be zero.
func (m *Meanings) Check(r *Record, got any) {
	m.t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		m.t.Fatal(err)
	}
	line, known := m.means[r.Name()]
	delete(m.means, r.Name())
	if !known {
		m.fresh = append(m.fresh, r.Name(), "\t"+string(text))
		return
	}
	want := reflect.New(reflect.TypeOf(got))
	if err := json.Unmarshal([]byte(line), want.Interface()); err != nil {
		m.t.Errorf("%s: %s: %v", m.file, r.Name(), err)
		return
	}
	if !reflect.DeepEqual(got, want.Elem().Interface()) {
		m.t.Errorf("%s means\n\t%s\nand not, as %s says,\n\t%s", r.Name(), text, m.file, line)
	}
}

func (m *Meanings) close() {
	for name := range m.means {
		m.t.Errorf("%s tells of %s, which nobody decoded", m.file, name)
	}
	if len(m.fresh) == 0 {
		return
	}
	if !m.add {
		m.t.Errorf("%s does not say what these mean: run the test with -add\n%s", m.file, strings.Join(m.fresh, "\n"))
		return
	}
	known, _ := os.ReadFile(m.file) // there may be none yet
	if err := os.WriteFile(m.file, append(known, strings.Join(m.fresh, "\n")+"\n"...), 0o600); err != nil {
		m.t.Error(err)
	}
}
