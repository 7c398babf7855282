package conversation24_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/conversation24"
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
		file, err := parquet.OpenFile(bytes.NewReader([]byte(body.body)), int64(len(body.body)))
		if err != nil || body.header.Get("Content-Type") != "application/vnd.apache.parquet" {
			t.Fatalf("%s: %v %v", r.Name, err, body.header)
		}
		if len(lines)-1 != len(want) || file.NumRows() != int64(len(want)) {
			t.Fatalf("%s: %d rows, as JSON lines %d, as Parquet %d", r.Name, len(want), len(lines)-1, file.NumRows())
		}
		for i, c := range r.Columns {
			if name := file.Schema().Fields()[i].Name(); name != c.Name {
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
			}
		}
	}
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
