package insights

import (
	"fmt"
	"slices"
	"testing"
)

func lines(t *testing.T) (rows []Row) {
	t.Helper()
	for i, text := range []string{
		`{"kind":"a","n":1,"in":{"side":10}}`,
		`{"kind":"a","n":3}`,
		`{"kind":"b","n":2,"in":{"side":20},"gone":null,"list":[1],"yes":true}`,
		`{"n":4}`,
	} {
		row, err := Line(fmt.Sprintf("2026/03/0%d/one[$LATEST]%d", i%2+1, i), text)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestQueriesAreRun(t *testing.T) {
	for query, want := range map[string]string{
		`stats count(*)`: "[map[count(*):4]]",
		`stats count(in.side), sum(n), pct(n, 50)`:                                                    "[map[count(in.side):2 pct(n, 50):2 sum(n):10]]",
		`stats count(gone), count(list), count(yes)`:                                                  "[map[count(gone):0 count(list):1 count(yes):1]]",
		`stats sum(n) by kind`:                                                                        "[map[kind: sum(n):4] map[kind:a sum(n):4] map[kind:b sum(n):2]]",
		`filter kind = "a" | stats sum(n)`:                                                            "[map[sum(n):4]]",
		`filter kind != "a" | stats sum(n)`:                                                           "[map[sum(n):2]]",
		`filter kind = "a" and n > 1 | stats sum(n)`:                                                  "[map[sum(n):3]]",
		`filter kind = "b" or n >= 4 | stats sum(n)`:                                                  "[map[sum(n):6]]",
		`filter (n <= 1 or n = 2) and kind = "b" | stats count(*)`:                                    "[map[count(*):1]]",
		`filter n < 0 | stats count(*)`:                                                               "[]",
		`filter n = "1" | stats count(*)`:                                                             "[]",
		`stats sum(in.side) by kind`:                                                                  "[map[kind: sum(in.side):] map[kind:a sum(in.side):10] map[kind:b sum(in.side):20]]",
		`parse @logStream "*/*/*/*[*" as y, m, d, name, rest | stats count(*) by name, d`:             "[map[count(*):2 d:01 name:one] map[count(*):2 d:02 name:one]]",
		`parse kind "x*" as y | stats count(y)`:                                                       "[map[count(y):0]]",
		`filter kind = "a" | parse @logStream "*[$LATEST]*" as name, id | stats count(*) by name, id`: "[map[count(*):1 id:0 name:2026/03/01/one] map[count(*):1 id:1 name:2026/03/02/one]]",
	} {
		q, err := Parse(query)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprint(q.Run(lines(t))); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestFieldsOfLinesAreNamed(t *testing.T) {
	q, err := Parse(`filter kind = "a" or in.side > 3 | parse @logStream "*/*" as day, rest | stats count(*), sum(n), pct(in.side, 9) by day, other`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := q.Fields(), []string{"kind", "in.side", "@logStream", "n", "other"}; !slices.Equal(got, want) {
		t.Errorf("they are %v, want %v", got, want)
	}
}

func TestWhatIsNoQueryIsRefused(t *testing.T) {
	for _, query := range []string{
		"", "|", "filter", "stats", "select a", "filter a", `filter a == "x"`, `filter a = x`, `filter a = 'x'`, `filter a = "x" und b = "y"`, `filter (a = 1`, `filter a = 1)`,
		"stats sum(*)", "stats count(a) by", "stats count(*) of a", "stats mean(a)", "stats pct(a)", "stats pct(a, 0)", "stats pct(a, b)", "stats sum(a", "stats sum(a) as", "stats sum(a) |",
		"stats sum(a-b)", "stats sum(by)", `parse a "*" as b, c`, `parse a "*"`, `parse a * as b`, "stats sum(a) sum(b)", "stats sum(a.)",
	} {
		if _, err := Parse(query); err == nil {
			t.Errorf("%q is taken for a query", query)
		}
	}
	if _, err := Line("s", "no JSON"); err == nil {
		t.Error("any text is taken for a line")
	}
}
