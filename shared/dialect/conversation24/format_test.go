package conversation24_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/dialect/file/filetest"
)

// Every cell of every export is of its column's type, and says the same in every format.
func TestFormatsSayTheSame(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	events := oracle.AnyEvents(seed, 400)
	who, _ := tenantOf("Asia/Kolkata")
	s := asked(t, who, oracle.AfterAny, events, rand.New(rand.NewPCG(seed, 0)))
	for _, r := range conversation24.Reports() {
		a := s.ask("all", "GET", "/v1/exports/"+r.Name+"?format=csv", "")
		want, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if want = want[1:]; len(want) == 0 {
			t.Errorf("%s has no rows", r.Name)
		}
		lines := strings.SplitAfter(s.ask("all", "GET", "/v1/exports/"+r.Name+"?"+url.Values{"format": {"jsonl"}}.Encode(), "").body, "\n")
		body := s.ask("all", "GET", "/v1/exports/"+r.Name+"?format=parquet", "")
		file, err := filetest.Parquet([]byte(body.body))
		if err != nil || body.header.Get("Content-Type") != "application/vnd.apache.parquet" {
			t.Fatalf("%s: %v %v", r.Name, err, body.header)
		}
		if len(lines)-1 != len(want) || len(file.Rows) != len(want) {
			t.Fatalf("%s: %d rows, as JSON lines %d, as Parquet %d", r.Name, len(want), len(lines)-1, len(file.Rows))
		}
		for i, c := range r.Columns {
			if name := file.Columns[i]; name != c.Name {
				t.Errorf("%s: column %d of Parquet is %s, want %s", r.Name, i, name, c.Name)
			}
		}
		for i, row := range want {
			var object map[string]any
			d := json.NewDecoder(strings.NewReader(lines[i]))
			d.UseNumber()
			if err := d.Decode(&object); err != nil {
				t.Fatalf("%s: %v", r.Name, err)
			}
			for j, c := range r.Columns {
				if got := object[c.Name]; !same(c, row[j], got) {
					t.Errorf("%s: %s of row %d is %q, as JSON %v", r.Name, c.Name, i, row[j], got)
				}
				if got := inJSON(file.Rows[i][j]); !same(c, row[j], got) {
					t.Errorf("%s: %s of row %d is %q, in Parquet %v", r.Name, c.Name, i, row[j], got)
				}
			}
		}
	}
}

// inJSON is a value of Parquet as JSON would have it.
func inJSON(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02T15:04:05.000Z")
	case int64, float64:
		return json.Number(fmt.Sprint(v))
	}
	return v
}

// same says whether a value of JSON says what a cell says.
func same(c dialect.Column, cell string, got any) bool {
	text := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") } // as the reader of CSV gives it
	switch c.Type {
	case dialect.Words:
		s, ok := got.(string)
		return ok && text(s) == text(cell)
	case dialect.Moment:
		s, _ := got.(string)
		return s == cell && (cell != "" || got == nil)
	}
	if cell == "" {
		return got == nil
	}
	n, ok := got.(json.Number)
	f, err := strconv.ParseFloat(cell, 64)
	g, err2 := strconv.ParseFloat(string(n), 64)
	return ok && err == nil && err2 == nil && f == g
}

// Every export has a scenario that says it in every format, cell by cell.
func TestScenariosHaveEveryFormat(t *testing.T) {
	files, err := filepath.Glob("../../../events/scenarios/export-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range archive.Files {
			if u, err := url.Parse(strings.TrimPrefix(part.Name, "GET ")); err == nil && strings.HasPrefix(string(part.Data), "200\n") {
				said[strings.TrimPrefix(u.Path, conversation24.Path)+" "+cmp.Or(u.Query().Get("format"), "csv")] = true
			}
		}
	}
	for _, r := range conversation24.Reports() {
		for _, format := range []string{"csv", "jsonl", "parquet"} {
			if !said[r.Name+" "+format] {
				t.Errorf("no scenario has %s as %s", r.Name, format)
			}
		}
	}
}
