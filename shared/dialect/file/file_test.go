package file_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/parquet-go/parquet-go"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/dialect/file/filetest"
)

// columns are of every type, and not in the order of their names.
var columns = []dialect.Column{
	{Name: "words"},
	{Name: "whole", Type: dialect.Whole},
	{Name: "decimal", Type: dialect.Decimal},
	{Name: "a_truth", Type: dialect.Truth},
	{Name: "moment", Type: dialect.Moment},
}

// rows have what readers and writers stumble over in their first cell.
func rows() (all [][]string) {
	words := []string{
		"", "plain", `a "quoted" word`, `"`, `""`, ",", ";", "\t", "a\nb", "a\rb", "a\r\nb", "\n", "\r\n", " leading and trailing ",
		"<b>&amp;</b>", `back\slash`, `\n`, "null", "NULL", "true", "1", "=1+1", "+1", "-1", "@x", "'quoted'", "\u2028\u2029", "\ufeff", "\ufffd",
		"e\u0301 is é", "🏳️‍🌈", "עברית", "हिन्दी", "\U0010FFFF", strings.Repeat("long ", 20_000),
	}
	// A character of every class there is: its first and its last.
	for _, name := range slices.Sorted(maps.Keys(unicode.Categories)) {
		table := unicode.Categories[name]
		for _, r := range ends(table) {
			if r != 0 && !unicode.Is(unicode.Cs, r) { // surrogates are no text, and events have no NUL
				words = append(words, name+string(r)+name, string(r))
			}
		}
	}
	for r := rune(1); r < 0x250; r++ {
		words = append(words, "x"+string(r)+"y")
	}
	whole := []string{"0", "-1", "", strconv.Itoa(math.MaxInt64), strconv.Itoa(math.MinInt64)}
	decimal := []string{"", "0.5", "-12.25", "3", "1e21"}
	truth := []string{"true", "", "false"}
	moment := []string{"1970-01-01T00:00:00.000Z", "2026-03-02T23:59:59.999Z", "", "9999-12-31T00:00:00.001Z", "0001-01-01T00:00:00.000Z"}
	for i, w := range words {
		all = append(all, []string{w, whole[i%5], decimal[i/2%5], truth[i%3], moment[i/3%5]})
	}
	return all
}

func ends(t *unicode.RangeTable) (out []rune) {
	for _, r := range t.R16 {
		out = append(out, rune(r.Lo), rune(r.Hi))
	}
	for _, r := range t.R32 {
		out = append(out, rune(r.Lo), rune(r.Hi))
	}
	if len(out) > 4 {
		out = append(out[:2], out[len(out)-2:]...)
	}
	return out
}

func sheet(all [][]string) *dialect.Sheet {
	return &dialect.Sheet{Columns: columns, Rows: func(yield func([]string, error) bool) {
		cells := make([]string, len(columns))
		for _, row := range all {
			copy(cells, row) // a row is the reader's until the next one
			if !yield(cells, nil) {
				return
			}
		}
	}}
}

var made = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func write(t *testing.T, f file.Format, s *dialect.Sheet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, s, file.Options{Name: "one to two", At: made}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compare(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows come back, want %d", len(got), len(want))
	}
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("row %d comes back as %.200q, want %.200q", i, got[i], want[i])
		}
	}
}

func names() []string { return []string{"words", "whole", "decimal", "a_truth", "moment"} }

// The standard library's reader makes one line break of CR LF within a cell.
func readCSV(t *testing.T, raw []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(all[0], names()) {
		t.Errorf("the header is %q", all[0])
	}
	return all[1:]
}

func TestCSVComesBack(t *testing.T) {
	raw := write(t, file.CSV, sheet(rows()))
	if bytes.HasPrefix(raw, []byte("\ufeff")) || !bytes.HasPrefix(raw, []byte("words,whole,decimal,a_truth,moment\r\n")) || !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Errorf("it begins %q", raw[:60])
	}
	want := rows()
	for _, row := range want {
		row[0] = strings.ReplaceAll(row[0], "\r\n", "\n")
	}
	compare(t, readCSV(t, raw), want)
	if !bytes.Contains(raw, []byte("\"a\r\nb\"")) || !bytes.Contains(raw, []byte("\"a\nb\"")) {
		t.Error("a line break within a cell is not as it was")
	}
}

func TestSpreadsheetsTakeNoCellForAFormula(t *testing.T) {
	var b bytes.Buffer
	given := [][]string{{"=1", "-5", "", "true", ""}, {"+1", "1", "-0.5", "", ""}, {"@", "", "", "", ""}, {"\tx", "", "", "", ""}, {"\rx", "", "", "", ""}, {"a=1", "", "", "", ""}}
	if err := file.CSV.Write(&b, sheet(given), file.Options{Safe: true}); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"'=1", "'-5", "", "true", ""}, {"'+1", "1", "'-0.5", "", ""}, {"'@", "", "", "", ""}, {"'\tx", "", "", "", ""}, {"'\rx", "", "", "", ""}, {"a=1", "", "", "", ""}}
	compare(t, readCSV(t, b.Bytes()), want)
}

func TestAZIPHasOneFileWithTheCSV(t *testing.T) {
	raw := write(t, file.ZIP, sheet(rows()))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(z.File) != 1 {
		t.Fatalf("%v, %v", z, err)
	}
	if f := z.File[0]; f.Name != "one to two.csv" || !f.Modified.Equal(made) {
		t.Errorf("it is called %q, of %s", f.Name, f.Modified)
	}
	r, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(content, write(t, file.CSV, sheet(rows()))) {
		t.Errorf("its content is not the CSV, %v", err)
	}
}

func TestJSONLinesComeBack(t *testing.T) {
	raw := write(t, file.JSONL, sheet(rows()))
	if !bytes.Contains(raw, []byte(`"words":"<b>&amp;</b>","whole":`)) {
		t.Error("< > & are written otherwise")
	}
	var got [][]string
	for line := range bytes.Lines(raw) {
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		var row struct {
			Words   string
			Whole   json.Number
			Decimal json.Number
			Truth   *bool `json:"a_truth"`
			Moment  *time.Time
		}
		if err := d.Decode(&row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		cells := []string{row.Words, row.Whole.String(), row.Decimal.String(), "", ""}
		if row.Truth != nil {
			cells[3] = strconv.FormatBool(*row.Truth)
		}
		if row.Moment != nil {
			cells[4] = row.Moment.Format("2006-01-02T15:04:05.000Z")
		}
		got = append(got, cells)
		if !strings.HasPrefix(string(line), `{"words":"`) || strings.Index(string(line), `"whole":`) > strings.Index(string(line), `"a_truth":`) {
			t.Fatalf("the members are in another order: %.100s", line)
		}
	}
	compare(t, got, rows())
}

func TestParquetComesBackWithItsTypes(t *testing.T) {
	f, err := filetest.Parquet(write(t, file.Parquet, sheet(rows())))
	if err != nil {
		t.Fatal(err)
	}
	want := `message rows {
	required binary words (STRING);
	optional int64 whole (INT(64,true));
	optional double decimal;
	optional boolean a_truth;
	optional int64 moment (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS));
}`
	if f.Schema != want {
		t.Errorf("the schema is\n%s\nwant\n%s", f.Schema, want)
	}
	var got [][]string
	for _, row := range f.Rows {
		got = append(got, texts(row))
	}
	given := rows()
	for _, row := range given {
		if row[2] != "" {
			d, _ := strconv.ParseFloat(row[2], 64)
			row[2] = strconv.FormatFloat(d, 'g', -1, 64)
		}
	}
	compare(t, got, given)
}

func texts(row []any) []string {
	cells := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
		case time.Time:
			cells[i] = v.Format("2006-01-02T15:04:05.000Z")
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return cells
}

func TestAnEmptySheetIsAFile(t *testing.T) {
	for _, f := range []file.Format{file.ZIP, file.CSV, file.JSONL, file.Parquet} {
		raw := write(t, f, sheet(nil))
		if len(raw) == 0 != (f.Name == "jsonl") {
			t.Errorf("%s: %d bytes", f.Name, len(raw))
		}
	}
}

func TestWhatFailsHalfWayFails(t *testing.T) {
	for _, f := range []file.Format{file.ZIP, file.CSV, file.JSONL, file.Parquet} {
		failing := errors.New("failing")
		s := &dialect.Sheet{Columns: columns, Rows: func(yield func([]string, error) bool) {
			if yield(rows()[0], nil) {
				yield(nil, failing)
			}
		}}
		if err := f.Write(io.Discard, s, file.Options{}); !errors.Is(err, failing) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for i, cell := range []string{"x", "1.5", "1,5", "TRUE", "2026-03-02"} {
		row := make([]string, 5)
		row[i] = cell
		for _, f := range []file.Format{file.JSONL, file.Parquet} {
			if err := f.Write(io.Discard, sheet([][]string{row}), file.Options{}); (err == nil) != (i == 0) {
				t.Errorf("%s, column %d: %v", f.Name, i, err)
			}
		}
	}
}

func TestManyRowsAreSeveralGroups(t *testing.T) {
	const many = 300_000
	one := []string{strings.Repeat("text ", 20), "5", "", "true", "2026-03-02T23:59:59.999Z"}
	s := &dialect.Sheet{Columns: columns, Rows: func(yield func([]string, error) bool) {
		for range many {
			if !yield(one, nil) {
				return
			}
		}
	}}
	raw := write(t, file.Parquet, s)
	f, err := parquet.OpenFile(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || f.NumRows() != many || len(f.RowGroups()) < 3 {
		t.Errorf("%d rows in %d groups, %v", f.NumRows(), len(f.RowGroups()), err)
	}
}

// python is the interpreter that has duckdb and pyarrow.
const python = "CHATREPORTS_PYTHON"

const reader = `
import csv, datetime, json, sys
import duckdb, pyarrow.parquet
folder = sys.argv[1]
want = [json.loads(line) for line in open(folder + "/want.jsonl", encoding="utf-8", newline="\n")]
names = ["words", "whole", "decimal", "a_truth", "moment"]
def same(what, got):
    assert len(got) == len(want), (what, len(got), len(want))
    for n, (g, w) in enumerate(zip(got, want)):
        assert g == w, (what, n, g, w)
with open(folder + "/rows.csv", encoding="utf-8", newline="") as f:
    got = list(csv.reader(f))
assert got[0] == names
same("csv", [r for r in got[1:]])
typed = lambda r: [r[0], None if r[1] == "" else int(r[1]), None if r[2] == "" else float(r[2]),
                   {"": None, "true": True, "false": False}[r[3]], r[4] or None]
want = [typed(r) for r in want]
same("jsonl", [[r[n] for n in names] for r in map(json.loads, open(folder + "/rows.jsonl", encoding="utf-8", newline="\n"))])
t = pyarrow.parquet.read_table(folder + "/rows.parquet")
assert str(t.schema).split("\n")[:5] == ["words: string not null", "whole: int64", "decimal: double", "a_truth: bool", "moment: timestamp[ms, tz=UTC]"], str(t.schema)
moment = lambda ms: None if ms is None else (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).isoformat(timespec="milliseconds") + "Z"
millis = t.column("moment").cast("int64").to_pylist()
same("pyarrow", [[r["words"], r["whole"], r["decimal"], r["a_truth"], moment(m)] for r, m in zip(t.drop_columns(["moment"]).to_pylist(), millis)])
db = duckdb.connect()
db.execute("SET TimeZone='UTC'")
kinds = [r[1] for r in db.execute(f"DESCRIBE SELECT * FROM '{folder}/rows.parquet'").fetchall()]
assert kinds == ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"], kinds
q = "SELECT words, whole, decimal, a_truth, epoch_ms(moment) FROM '%s'"
same("duckdb parquet", [[*r[:4], moment(r[4])] for r in db.execute(q % (folder + "/rows.parquet")).fetchall()])
got = db.execute(f"SELECT words FROM read_csv('{folder}/rows.csv', header=true, all_varchar=true, delim=',', quote='\"', escape='\"', new_line='\\r\\n', auto_detect=false, allow_quoted_nulls=false, columns={{'words':'VARCHAR','whole':'VARCHAR','decimal':'VARCHAR','a_truth':'VARCHAR','moment':'VARCHAR'}})").fetchall()
assert [r[0] or "" for r in got] == [w[0] for w in want], "duckdb csv"
print("all", len(want))
`

func TestOtherReadersReadIt(t *testing.T) {
	interpreter := os.Getenv(python)
	if interpreter == "" {
		t.Skipf("needs Python with the packages of .ci/readers.txt: set %s=PYTHON", python)
	}
	dir := t.TempDir()
	given := rows()
	for name, content := range map[string][]byte{
		"rows.csv": write(t, file.CSV, sheet(given)), "rows.jsonl": write(t, file.JSONL, sheet(given)), "rows.parquet": write(t, file.Parquet, sheet(given)),
		"want.jsonl": wanted(t, given),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(interpreter, "-c", reader, dir).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != fmt.Sprint("all ", len(given)) {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

func wanted(t *testing.T, given [][]string) (out []byte) {
	t.Helper()
	for _, row := range given {
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, line...), '\n')
	}
	return out
}
