package dialect_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/dialect"
)

type row = dialect.Row

func table(columns string, rows ...row) *dialect.Table {
	return &dialect.Table{Columns: strings.Fields(columns), Rows: slices.Values(rows)}
}

func written(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSONHasThePropertiesInOrder(t *testing.T) {
	rows := []row{
		{{"z", 1.5}, {"a", row{{"from", "x"}, {"to", nil}}}, {"list", []row{{{"n", 3}}, {}}}, {"empty", []row{}}, {"yes", true}, {"mean", dialect.Nothing(0)}},
		{{"z", int64(-7)}},
	}
	for _, c := range []struct {
		table *dialect.Table
		want  string
	}{
		{table("z", rows...), `[{"z":1.5,"a":{"from":"x","to":null},"list":[{"n":3},{}],"empty":[],"yes":true,"mean":0},{"z":-7}]` + "\n"},
		{table("z"), "[]\n"},
		{&dialect.Table{Rows: slices.Values(rows[1:]), Single: true}, `{"z":-7}` + "\n"},
	} {
		if got := written(t, func(b *bytes.Buffer) error { return c.table.WriteJSON(b) }); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
	raw, err := json.Marshal(map[string]any{"row": rows[1]})
	if err != nil || string(raw) != `{"row":{"z":-7}}` {
		t.Errorf("%s, %v", raw, err)
	}
}

// Numbers and texts are those that encoding/json writes.
func TestJSONIsThatOfTheLibrary(t *testing.T) {
	for _, v := range []any{
		0.0, 1.0, -1.0, 0.1, 1e20, 1e21, 1e-7, -2.5e-9, 1 << 53, float64(1<<53) + 2, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64,
		"", "plain", `a"b\c`, "<&>", "ü\u2028\x00\x7f\t", "bad\xff", strings.Repeat("long ", 10_000), int64(math.MinInt64), false,
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got := written(t, func(b *bytes.Buffer) error { return table("v", row{{"v", v}}).WriteJSON(b) })
		if got != `[{"v":`+string(want)+"}]\n" {
			t.Errorf("%.100s, want %.100s", got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	for _, c := range []struct {
		name  string
		table *dialect.Table
		safe  bool
		want  string
	}{
		{"no rows", table("a b"), false, "a,b\r\n"},
		{"kinds of values", table("a b c d e", row{{"a", 1.5}, {"b", true}, {"c", nil}, {"d", dialect.Nothing(0)}, {"e", 0}}), false, "a,b,c,d,e\r\n1.5,true,,,0\r\n"},
		{"a value that is missing", table("a b", row{{"b", "x"}}), false, "a,b\r\n,x\r\n"},
		{"a row in a row", table("n time.from time.to", row{{"n", 1}, {"time", row{{"from", "x"}, {"to", "y"}}}}), false, "n,time.from,time.to\r\n1,x,y\r\n"},
		{"no row where one might be", table("n time.from", row{{"n", 1}, {"time", nil}}), false, "n,time.from\r\n1,\r\n"},
		{"quotes and line breaks", table("a b", row{{"a", "x,\"y\"\r\nz"}, {"b", "1\n2\r3"}}), false, "a,b\r\n\"x,\"\"y\"\"\r\nz\",\"1\n2\r3\"\r\n"},
		{"one empty cell", table("a", row{{"a", ""}}, row{{"a", "x"}}), false, "a\r\n\"\"\r\nx\r\n"},
		{
			"a line for each innermost entry", table("id l.n l.m.x", row{
				{"l", []row{{{"n", 1}, {"m", []row{{{"x", "a"}}, {{"x", "b"}}}}}, {{"n", 2}, {"m", []row{}}}}},
				{"id", "i"},
			}, row{{"id", "j"}, {"l", []row{}}}), false,
			"id,l.n,l.m.x\r\ni,1,a\r\ni,1,b\r\ni,2,\r\nj,,\r\n",
		},
		{
			"two lists beside one another", table("id a.x b.y", row{{"id", 1}, {"a", []row{{{"x", 1}}, {{"x", 2}}}}, {"b", []row{{{"y", 3}}}}}), false,
			"id,a.x,b.y\r\n1,1,\r\n1,2,\r\n1,,3\r\n",
		},
		{
			"what a spreadsheet takes for a formula", table("a b c d e f g", row{{"a", "=1+1"}, {"b", "+1"}, {"c", -2}, {"d", "@x"}, {"e", "\tx"}, {"f", "\rx"}, {"g", "a=b"}}), true,
			"a,b,c,d,e,f,g\r\n'=1+1,'+1,'-2,'@x,'\tx,\"'\rx\",a=b\r\n",
		},
		{"the same as it is", table("a", row{{"a", "=1+1"}}), false, "a\r\n=1+1\r\n"},
	} {
		if got := written(t, func(b *bytes.Buffer) error { return c.table.WriteCSV(b, c.safe) }); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
	var b bytes.Buffer
	if err := table("a", row{{"a", 1}, {"b", 2}}).WriteCSV(&b, false); err == nil || !strings.Contains(err.Error(), "column b") {
		t.Errorf("a property without a column: %v, %q", err, b.String())
	}
}

// A library reads back what is written, but for returns, which it drops.
func FuzzCSV(f *testing.F) {
	f.Add("a", `b"c`, "d\ne")
	f.Add("", "", "=")
	f.Add("\ufeff", " x ", ",,")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var out bytes.Buffer
		if err := table("a b c", row{{"a", a}, {"b", b}, {"c", c}}).WriteCSV(&out, false); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatalf("%q: %v", records, err)
		}
		for i, sent := range []string{a, b, c} {
			if records[1][i] != strings.ReplaceAll(sent, "\r\n", "\n") {
				t.Errorf("%q is read as %q", sent, records[1][i])
			}
		}
	})
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		query, accept string
		csv           bool
	}{
		{"", "", false},
		{"", "*/*", false},
		{"", "text/csv", true},
		{"", "text/csv;q=0.5, */*", true},
		{"", "application/json, text/csv", true},
		{"", "application/json, text/csv;q=0.9", false},
		{"", "TEXT/CSV; charset=utf-8", true},
		{"", "text/csv;q=0", false},
		{"format=csv", "application/json", true},
		{"format=json", "text/csv", false},
	} {
		v, refused := dialect.Parameters(dialect.Formatting).Read(query(t, c.query))
		if refused != nil {
			t.Fatal(refused)
		}
		a := v.Format(c.accept).Answer(table("a", row{{"a", 1}}))
		body, err := a.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if c.csv && (a.ContentType != "text/csv; charset=utf-8" || string(body) != "a\r\n1\r\n") || !c.csv && (a.ContentType != "application/json" || string(body) != "[{\"a\":1}]\n") {
			t.Errorf("%s with Accept %q: %s %q", c.query, c.accept, a.ContentType, body)
		}
	}
}
